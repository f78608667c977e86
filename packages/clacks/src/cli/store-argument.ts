import path from 'node:path';
import type { ServerConfig } from '../config/schema.ts';
import { defaultServerDirectory } from './directories.ts';
import { UsageError } from './exit-code.ts';
import { serverFiles } from './new-server.ts';
import { exists } from './private-files.ts';

/** What commands say of their argument STORE. */
export const storeArgument = 'the store, or the XML configuration that names it';

/** The same as part of a help text. */
export const storeHelp = `
STORE is the file that a server keeps its cache in: its name ends with .lmdb. Or it is the XML
configuration whose <persistancefile> names it. Without it, it is that of the server without a
configuration.
`;

const storeOfConfig = async (file: string): Promise<string> => {
  const { loadConfig } = await import('../config/load.ts');
  const { storeFileOf } = await import('../storage/store-file.ts');
  const { persistenceFile }: ServerConfig = await loadConfig(file);
  if (persistenceFile !== undefined) return path.resolve(storeFileOf(persistenceFile));
  throw new UsageError(
    `${file} names no <persistancefile>: that server keeps its cache in memory.`,
  );
};

/**
 * The file of a store that the command line names.
 *
 * @throws UsageError, ConfigError if there is none.
 */
export const findStore = async (argument: string | undefined): Promise<string> => {
  if (argument === undefined) {
    const { config } = serverFiles(defaultServerDirectory());
    if (await exists(config)) return storeOfConfig(config);
    throw new UsageError(
      'There is no server without a configuration here: name a store, or an XML configuration.',
    );
  }
  return /\.xml$/iu.test(argument) ? storeOfConfig(argument) : path.resolve(argument);
};
