import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** One step of a recorded scenario. See README.md. */
export interface Step {
  readonly connect?: string;
  readonly on?: string;
  readonly send?: readonly string[];
  readonly raw?: string;
  readonly cidOf?: string;
  readonly via?: string;
  /** What each connection received after the step. */
  receive: Record<string, string[]>;
}

export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

export const closed = '<closed>';

const isGreeting = (line: string): boolean =>
  line === 'CLACKS <server>' || line === 'OVERHEAD M Authentication required';

type Which = (line: string, index: number) => boolean;

const move = (from: Step, to: Step | undefined, which: Which): void => {
  if (to === undefined || to === from) return;
  for (const [name, lines] of Object.entries(from.receive)) {
    const moved = lines.filter(which);
    if (moved.length === 0) continue;
    (to.receive[name] ??= []).push(...moved);
    from.receive[name] = lines.filter((line, index) => !which(line, index));
    if (from.receive[name].length === 0) Reflect.deleteProperty(from.receive, name);
  }
};

/**
 * The recorded server went on only when a line came in: what it had to say about a connection that
 * had just come or gone was written one step late. Moves these lines to where they belong.
 */
const withoutDelay = ({ name, steps }: Scenario): Scenario => {
  let connected: Step | undefined;
  let disconnected: Step | undefined;
  for (const step of steps) {
    if (step.connect !== undefined) connected = step;
    move(
      step,
      connected,
      (line, index) =>
        // A link gets another line like the greeting's, later.
        (isGreeting(line) && index < 2) || line.startsWith('DEBUG CONNECTED='),
    );
    move(step, disconnected, (line) => line.startsWith('DEBUG DISCONNECTED='));
    if (Object.values(step.receive).some((lines) => lines.includes(closed))) disconnected = step;
  }
  return { name, steps };
};

/** Reads a file of `transcripts/`. */
export const readScenarios = async (file: string): Promise<Scenario[]> => {
  const json = await readFile(path.join(import.meta.dirname, 'transcripts', file), 'utf8');
  return (JSON.parse(json) as Scenario[]).map(withoutDelay);
};
