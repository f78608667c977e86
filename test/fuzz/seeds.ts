import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { senderNames } from './input.ts';
import type { Input } from './input.ts';
import { tokenOf } from './users.ts';

interface Step {
  readonly on?: string;
  readonly send?: readonly string[];
  readonly raw?: string;
}
interface Scenario {
  readonly steps: readonly Step[];
}

const users: Readonly<Record<string, string>> = { admin: 'main', rw: 'writer', ro: 'reader' };

const withToken = (line: string): string =>
  line.replace(/\{token:(\w+)\}/u, (_, user: string) => tokenOf(users[user] ?? 'nobody'));

const isIntroduction = (line: string): boolean =>
  /^(?:CLACKS |OVERHEAD A |OVERHEAD I 1$)/u.test(line);

const bytesOf = ({ raw, send = [] }: Step): string =>
  raw ?? send.map((line) => `${withToken(line)}\r\n`).join('');

/** What each connection of a recorded conversation has sent. */
const conversationsOf = ({ steps }: Scenario): string[] => {
  const sent = new Map<string, string>();
  for (const step of steps) {
    if (step.on !== undefined) sent.set(step.on, (sent.get(step.on) ?? '') + bytesOf(step));
  }
  return [...sent.values()];
};

const withoutIntroduction = (bytes: string): string =>
  bytes
    .split('\r\n')
    .filter((line) => !isIntroduction(line))
    .join('\r\n');

/** Inputs to begin with: what was sent in recorded conversations, by every kind of sender. */
export const readSeeds = async (directory: string): Promise<Input[]> => {
  const inputs: Input[] = [];
  for (const file of (await readdir(directory)).sort()) {
    const text = await readFile(path.join(directory, file), 'utf8');
    for (const bytes of (JSON.parse(text) as Scenario[]).flatMap(conversationsOf)) {
      for (const sender of senderNames) {
        const seed = sender === 'stranger' ? bytes : withoutIntroduction(bytes);
        inputs.push({ sender, cut: inputs.length % 256, bytes: seed });
      }
    }
  }
  return inputs;
};
