import type { Command } from 'commander';
import { refuseConnectionOptions } from '../connection-options.ts';
import { UsageError } from '../exit-code.ts';
import { printLine } from '../output.ts';
import { askHidden } from '../prompt.ts';
import { readInput } from '../stdin.ts';

const askTwice = async (): Promise<string | undefined> => {
  const password = await askHidden('Password: ');
  if (password === undefined) return undefined;
  if ((await askHidden('The same again: ')) === password) return password;
  throw new UsageError('The two passwords differ.');
};

const givenPassword = async (): Promise<string> => {
  const given = (await askTwice()) ?? (await readInput());
  if (typeof given !== 'string') throw new UsageError('The password is no UTF-8 text.');
  if (given === '') throw new UsageError('The password is empty.');
  if (/[\r\n]/u.test(given)) throw new UsageError('The password has more than one line.');
  return given;
};

/** Adds `clacks hash-password`. */
export const addHashPasswordCommand = (program: Command): void => {
  program
    .command('hash-password')
    .description('hash a password for a configuration, so that it does not stand there in clear')
    .addHelpText(
      'after',
      `
Asks for the password, or reads it from standard input. Put what it prints into <password>.

Examples:
  clacks hash-password
  clacks hash-password < password.txt`,
    )
    .action(async (_options: object, command: Command) => {
      refuseConnectionOptions(command);
      const password = await givenPassword();
      const { hashPassword } = await import('../../auth/scrypt.ts');
      printLine(await hashPassword(password));
    });
};
