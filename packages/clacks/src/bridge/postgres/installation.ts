import { PostgresBridgeError } from './bridge-error.ts';
import type { Database } from './database.ts';
import { quoteIdentifier, schemaVersion } from './sql.ts';

/** What is installed in a database. */
export interface Installation {
  /** Which one it is, among all databases. */
  readonly id: string;
  /** Whether everything goes through the outbox. */
  readonly isDurable: boolean;
}

/**
 * What is installed, or `undefined`: then there are only functions that notify directly.
 *
 * @throws PostgresBridgeError if it is newer than this bridge, or cannot be read.
 */
export const readInstallation = async (
  database: Database,
  schema: string,
): Promise<Installation | undefined> => {
  const table = `${quoteIdentifier(schema)}.clacks_bridge`;
  const [present] = await database.query('SELECT to_regclass($1) IS NOT NULL AS is_there', [table]);
  if (present?.['is_there'] !== true) return undefined;
  const [row] = await database.query(`SELECT version, id, durable FROM ${table}`);
  if (row === undefined)
    throw new PostgresBridgeError(`${table} is empty: install anew.`, { isRefusal: true });
  const version = Number(row['version']);
  if (version > schemaVersion) {
    throw new PostgresBridgeError(
      `Version ${version} is installed in ${schema}; this bridge knows ${schemaVersion} at most: use a newer one.`,
      { isRefusal: true },
    );
  }
  return { id: String(row['id']), isDurable: row['durable'] === true };
};
