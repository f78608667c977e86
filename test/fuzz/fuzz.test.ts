import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../support/child.ts';
import { decodeInput, encodeInput } from './input.ts';

const root = path.resolve(import.meta.dirname, '../..');
const main = path.join(root, '.build', 'fuzz', 'fuzz', 'main.js');

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

const fuzz = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
  const child = new Child(main, [...args, '--found', directory]);
  const code = await child.exit();
  return { code, output: child.output };
};

describe('a server under fuzzing', () => {
  it('serves its other clients, wherever the bytes are cut', { timeout: 120_000 }, async () => {
    const { code, output } = await fuzz('--minutes', String(20 / 60));
    expect(output).toContain('Nothing was found.');
    expect(code).toBe(0);
    // It is led by what has run.
    const [, inputs, isNew, coverage] =
      /(\d+) inputs, (\d+) of them new, (\d+) kinds of coverage\nNothing/u.exec(output) ?? [];
    expect(Number(inputs)).toBeGreaterThan(200);
    expect(Number(isNew)).toBeGreaterThan(50);
    expect(Number(coverage)).toBeGreaterThan(1500);
  });
});

describe('the fuzzer', () => {
  it('finds a bug, and the input it prints shows it again', { timeout: 120_000 }, async () => {
    const { code, output } = await fuzz('--seed', '1', '--sabotage', '--minutes', '1.5');
    expect(output).toContain('Found: Error: a bug put in by hand');
    expect(code).toBe(1);
    const [, base64 = ''] = /base64 of the file: (\S+)/u.exec(output) ?? [];
    const [, file = ''] = /npm run fuzz -- --input (\S+)/u.exec(output) ?? [];
    expect(await readFile(path.resolve(root, file), 'base64')).toBe(base64);
    const again = await fuzz('--input', path.resolve(root, file), '--sabotage');
    expect(again.output).toContain('Found: Error: a bug put in by hand');
    const mended = await fuzz('--input', path.resolve(root, file));
    expect(mended.output).toContain('Nothing was found.');
  });

  it('notices a server that hangs', { timeout: 120_000 }, async () => {
    const file = path.join(directory, 'hang');
    await writeFile(file, encodeInput({ sender: 'reader', cut: 1, bytes: 'OVERHEAD E hang\r\n' }));
    const { code, output } = await fuzz('--input', file, '--sabotage', '--patience', '2');
    expect(output).toContain('Found: it hangs');
    expect(code).toBe(1);
  });

  it('reads back every input that it writes', () => {
    const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
    const input = { sender: 'perl', cut: 200, bytes } as const;
    expect(decodeInput(encodeInput(input))).toEqual(input);
  });
});
