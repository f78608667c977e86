import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { exitCode } from './exit-code.ts';

/**
 * Asks on the terminal for something that is not shown while it is typed.
 *
 * @returns `undefined` if there is nobody to ask: standard input or error is no terminal.
 */
export const askHidden = async (question: string): Promise<string | undefined> => {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Not before: what is typed at once would be shown while the terminal still echoes.
  process.stderr.write(question);
  const answer = await new Promise<string | undefined>((resolve) => {
    lines.once('line', resolve);
    lines.once('SIGINT', () => {
      process.stderr.write('\n');
      process.exit(exitCode.interrupted);
    });
    lines.once('close', () => {
      resolve(undefined);
    });
  });
  lines.close();
  process.stderr.write('\n');
  return answer;
};
