import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { CommandError, exitCode } from '../exit-code.ts';
import { fileMode, refuseToOverwrite } from '../private-files.ts';
import { randomUUID } from 'node:crypto';

/** Where a command writes a lot to. */
export interface Output extends AsyncDisposable {
  /** Resolves when there is room for more. */
  write(data: string | Uint8Array): Promise<void>;
  /** All was written. */
  finish(): Promise<void>;
}

/** Standard output: what cannot be written there ends the command. */
export const standardOutput: Output = {
  write: async (data) => {
    if (!process.stdout.write(data)) await once(process.stdout, 'drain');
  },
  finish: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

const failed = (file: string, error: unknown): CommandError =>
  new CommandError(`Cannot write ${file}: ${(error as Error).message}.`, { cause: error });

/** A new file, for its owner only, that is there as a whole or not at all. */
export class OutputFile implements Output {
  readonly #file: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;

  private constructor(file: string, temporary: string, handle: FileHandle) {
    this.#file = file;
    this.#temporary = temporary;
    this.#handle = handle;
    process.once('SIGINT', this.#interrupted);
    process.once('SIGTERM', this.#interrupted);
  }

  /** @throws CommandError if there is something of that name, or it cannot be made. */
  static async create(file: string): Promise<OutputFile> {
    await refuseToOverwrite([file], 'choose another name, or move it away');
    const temporary = `${file}.${randomUUID()}.new`;
    try {
      return new OutputFile(file, temporary, await open(temporary, 'wx', fileMode.owner));
    } catch (error) {
      throw failed(file, error);
    }
  }

  async write(data: string | Uint8Array): Promise<void> {
    try {
      await this.#handle.writeFile(data);
    } catch (error) {
      throw failed(this.#file, error);
    }
  }

  async finish(): Promise<void> {
    try {
      await this.#handle.sync();
      // A rename alone would replace what is there by now.
      await (await open(this.#file, 'wx', fileMode.owner)).close();
      await rename(this.#temporary, this.#file);
    } catch (error) {
      throw failed(this.#file, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('SIGINT', this.#interrupted);
    process.off('SIGTERM', this.#interrupted);
    await this.#handle.close();
    await rm(this.#temporary, { force: true });
  }

  readonly #interrupted = (signal: NodeJS.Signals): void => {
    rmSync(this.#temporary, { force: true });
    process.exit(signal === 'SIGINT' ? exitCode.interrupted : exitCode.terminated);
  };
}
