import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { ServerConfig } from '../../src/config/schema.ts';

/** What every configuration of these tests needs besides what it is about. */
export const account = '<username>admin</username><password>secret</password>';

/** A temporary directory with files in it, and the environment of a process that runs in it. */
export class ConfigDirectory implements AsyncDisposable {
  readonly path: string;
  readonly environment: Record<string, string> = {};
  readonly hostname = 'box';

  private constructor(directory: string) {
    this.path = directory;
  }

  static async with(files: Readonly<Record<string, string>>): Promise<ConfigDirectory> {
    const directory = new ConfigDirectory(await mkdtemp(path.join(tmpdir(), 'clacks-config-')));
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(directory.at(name)), { recursive: true });
      await writeFile(directory.at(name), content, { mode: 0o600 });
    }
    return directory;
  }

  get cwd(): string {
    return this.path;
  }

  at(name: string): string {
    return path.join(this.path, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

/** Parses a configuration without files beside it. */
export const parse = (
  xml: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerConfig> =>
  parseConfig(xml, { file: 'c.xml', environment, hostname: 'box', cwd: '/nowhere' });

/** Parses the content of a root element that is right but for what the test is about. */
export const parseWith = (
  content: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerConfig> =>
  parse(`<clacks>\n${account}<socket>clacks.sock</socket>\n${content}\n</clacks>`, environment);

/** Waits for the {@link ConfigError} that a promise is rejected with. */
export const errorOf = async (promise: Promise<unknown>): Promise<ConfigError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return error as ConfigError;
};
