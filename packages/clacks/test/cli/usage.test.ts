import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { exitCode } from '../../src/cli/exit-code.ts';
import { runCommandLine } from '../../src/cli/run.ts';
import { Sandbox, failure, success } from './sandbox.ts';
import type { Result } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.create();
});
afterAll(() => sandbox[Symbol.asyncDispose]());
afterEach(() => {
  vi.restoreAllMocks();
});

const collect = (stream: NodeJS.WriteStream): string[] => {
  const written: string[] = [];
  vi.spyOn(stream, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  return written;
};

/** Runs a command line in this process: for what ends before anything is connected. */
const runHere = async (args: readonly string[]): Promise<Result> => {
  const stdout = collect(process.stdout);
  const stderr = collect(process.stderr);
  const code = (await runCommandLine(args)) ?? exitCode.ok;
  vi.restoreAllMocks();
  return { code, signal: null, stdout: stdout.join(''), stderr: stderr.join('') };
};

const subcommands = [
  'server',
  'init',
  'cert',
  'hash-password',
  'doctor',
  'notify',
  'set',
  'listen',
  'store',
  'retrieve',
  'remove',
  'increment',
  'decrement',
  'keys',
  'top',
  'clients',
  'kick',
  'monitor',
  'ping',
  'shell',
];

describe('the command line', () => {
  it('tells its version', async () => {
    const result = await sandbox.run(['--version']);
    expect(result).toEqual(success(expect.stringMatching(/^\d+\.\d+\.\d+\n$/u) as string));
  });

  it('names every subcommand in its help', async () => {
    const { code, stdout } = await sandbox.run(['--help']);
    expect(code).toBe(0);
    for (const name of subcommands) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'mu'));
  });

  it('has help with examples for every subcommand, and no password in any', async () => {
    for (const name of subcommands) {
      const { code, stdout, stderr } = await runHere([name, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/Examples?:\n {2}/u);
      expect(stdout).not.toMatch(/:\/\/[^@\s:]+:[^@\s]+@(?!HOST)/u);
    }
  });

  it('without a subcommand shows its help and fails as wrong use', async () => {
    const { code, stdout, stderr } = await sandbox.run([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: clacks');
  });

  it('tells wrong use in one line, exit code 2', async () => {
    expect(await sandbox.run(['frob'])).toEqual(failure(2, /unknown command 'frob'/u));
  });

  it.each([
    [['lisen'], /unknown command 'lisen' \(Did you mean listen\?\)/u],
    [['set', '--frob', 'a', 'b'], /unknown option '--frob'/u],
    [['set', 'a'], /missing required argument 'value'/u],
    [['notify', 'a', 'b'], /too many arguments/u],
    [['notify', 'a b'], /no space/u],
    [['notify', ''], /at least one character/u],
    [['increment', 'a', 'many'], /Expected a number/u],
    [['listen', 'a', '--count', '0'], /whole number from 1/u],
    [['listen', 'a', '--timeout', '-1'], /Expected seconds/u],
    [['--port', '65536', 'keys'], /Expected a port/u],
    [['cert', '--days', '0'], /whole number of days/u],
    [['cert', 'not a host'], /Expected an IP address or a host name/u],
    [['cert', '--name', 'a/b'], /Expected a file name/u],
    [['server', '--log-level', 'loud'], /Allowed choices are/u],
    [['--host', 'x', 'server'], /--host before 'server' has no meaning/u],
  ])('%j is wrong use', async (args, line) => {
    expect(await runHere(args)).toEqual(failure(2, line));
  });
});
