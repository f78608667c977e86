import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** What is wrong with how a script was called, in one line. */
export class UsageError extends Error {}

/** As {@link parseArgs}, but what is wrong is a {@link UsageError}. */
export const readArguments = <T extends ParseArgsConfig>(
  config: T,
): ReturnType<typeof parseArgs<T>> => {
  try {
    return parseArgs(config);
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
    throw new UsageError(line, { cause: error });
  }
};

/**
 * Throws a {@link UsageError} if an option was given that is none of those with a meaning there.
 *
 * @param tokens - What {@link parseArgs} tells of them.
 * @param where - Such as `with --check`.
 */
export const refuseOthers = (
  tokens: readonly { readonly kind: string; readonly name?: string }[],
  meant: readonly string[],
  where: string,
): void => {
  const other = tokens.find(({ kind, name = '' }) => kind === 'option' && !meant.includes(name));
  if (other !== undefined) throw new UsageError(`--${other.name} has no meaning ${where}`);
};

/** The value of an option: a whole number. */
export const wholeNumber = (option: string, text: string, least = 1): number => {
  const number = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least) return number;
  const above = least === 1 ? 'above 0' : `of at least ${least}`;
  throw new UsageError(`--${option} is a whole number ${above}, not ${text || 'nothing'}`);
};

/** The value of an option: a number, such as 0.5. */
export const positiveNumber = (option: string, text: string): number => {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`--${option} is a number above 0, not ${text || 'nothing'}`);
};

/** Runs a script's main function: ends with exit code 1 if it returns false, or was called wrongly. */
export const runScript = async (main: () => Promise<boolean>): Promise<void> => {
  try {
    if (!(await main())) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stdout.write(`${error.message}\n`);
    process.exitCode = 1;
  }
};
