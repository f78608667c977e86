/**
 * The Clacks server, to embed in another program. To run it by itself there is the command
 * `clacks server`.
 *
 * @packageDocumentation
 */
export { hashPassword } from './auth/scrypt.ts';
export { closeReasons } from './broker/close-reason.ts';
export type { CloseReason } from './broker/close-reason.ts';
export type { Authenticate, ConnectionFacts, Permissions, TransportKind } from './broker/ports.ts';
export { ConfigError } from './config/config-error.ts';
export type { ConfigErrorOptions } from './config/config-error.ts';
export type { Optional, ServerConfigInput, UserInput } from './config/resolve.ts';
export type {
  HttpConfig,
  LogLevel,
  MasterConfig,
  ServerConfig,
  TlsFiles,
  UserConfig,
  WebSocketConfig,
} from './config/schema.ts';
export { ListenError } from './net/listen-error.ts';
export type { ConnectionLimits } from './net/socket-gate.ts';
export type { HttpAddress } from './server/admin-http.ts';
export type { ListenAddress } from './server/listeners.ts';
export { ServerStateError } from './server/server-state-error.ts';
export { Server } from './server/server.ts';
export type { ReloadResult, ServerOptions } from './server/server.ts';
export type { ConfigOverrides } from './server/settings.ts';
export type { ServerStatistics } from './server/statistics.ts';
