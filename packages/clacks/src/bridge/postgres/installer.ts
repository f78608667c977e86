import { Database } from './database.ts';
import { installScript, uninstallScript } from './sql.ts';
import type { InstallOptions } from './sql.ts';

const runScript = async (url: string | undefined, script: string): Promise<void> => {
  const database = await Database.open({ url, applicationName: 'clacks postgres install' });
  try {
    await database.script(script);
  } finally {
    await database.close();
  }
};

/**
 * Installs the functions and tables, or upgrades them, in one transaction.
 *
 * @throws PostgresBridgeError if PostgreSQL refuses: then everything is as it was.
 */
export const installPostgres = (url: string | undefined, options: InstallOptions): Promise<void> =>
  runScript(url, installScript(options));

/**
 * Takes the functions and tables away, in one transaction.
 *
 * @param force - Whether to drop what waits in the outbox, rather than to fail. Default false.
 * @throws PostgresBridgeError if PostgreSQL refuses: then everything is as it was.
 */
export const uninstallPostgres = (
  url: string | undefined,
  schema: string,
  force = false,
): Promise<void> => runScript(url, uninstallScript(schema, force));
