/**
 * The bridge to PostgreSQL: a database that sends signals and changes the cache, and takes signals.
 *
 * @packageDocumentation
 */
export { PostgresBridgeError } from './bridge/postgres/bridge-error.ts';
export type { PostgresBridgeErrorOptions } from './bridge/postgres/bridge-error.ts';
export { PostgresBridge } from './bridge/postgres/bridge.ts';
export type { PostgresBridgeEvents, PostgresBridgeOptions } from './bridge/postgres/bridge.ts';
export type { GapReason } from './bridge/postgres/inbox.ts';
export { installPostgres, uninstallPostgres } from './bridge/postgres/installer.ts';
export type { SignalsOptions } from './bridge/postgres/signal-writer.ts';
export { installScript, uninstallScript } from './bridge/postgres/sql.ts';
export type { InstallOptions } from './bridge/postgres/sql.ts';
