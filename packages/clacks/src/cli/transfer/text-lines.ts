import { isUtf8 } from 'node:buffer';
import { CommandError } from '../exit-code.ts';

/** Longer lines are held by no server. */
const maxLineBytes = 512 * 1024 * 1024;

const lineFeed = 0x0a;

/** Some lines that follow one another, without their line ends. */
export interface Lines {
  readonly lines: readonly string[];
  /** The number of the first one, counted from 1. */
  readonly firstNumber: number;
}

const withoutCr = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

/**
 * Reads a text as lines, some at a time.
 *
 * @param source - What messages call it.
 * @throws CommandError if it is no UTF-8, or a line is too long.
 */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  source: string,
): AsyncGenerator<Lines> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let firstNumber = 1;
  const decode = (block: Buffer): Lines => {
    const lines = block.toString('utf8').split('\n');
    if (!isUtf8(block)) {
      const found = block.toString('latin1').split('\n');
      const index = found.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')));
      throw new CommandError(`${source}: line ${firstNumber + index}: expected UTF-8.`);
    }
    const number = firstNumber;
    firstNumber += lines.length;
    return { lines: lines.map(withoutCr), firstNumber: number };
  };
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(lineFeed);
    if (end === -1) {
      pending.push(chunk);
      pendingBytes += chunk.length;
      if (pendingBytes <= maxLineBytes) continue;
      throw new CommandError(`${source}: line ${firstNumber}: too long.`);
    }
    yield decode(Buffer.concat([...pending, chunk.subarray(0, end)]));
    pending = [chunk.subarray(end + 1)];
    pendingBytes = pending[0]?.length ?? 0;
  }
  if (pendingBytes > 0) yield decode(Buffer.concat(pending));
}
