import { defaultMaxLineLength, defaultMaxOutbuffer, defaultPort } from '@clacks/protocol';
import type { HttpConfig, ServerConfig, WebSocketConfig } from './schema.ts';

const second = 1000;
const hour = 3600 * second;
const mebibyte = 1024 * 1024;

/** What holds for a `<websocket>` that says nothing. */
export const defaultWebSocket: WebSocketConfig = Object.freeze<WebSocketConfig>({
  http: false,
  ips: ['127.0.0.1'],
  port: 49_887,
  tls: true,
  origins: [],
});

/** What holds for the admin HTTP, where there is one: it is for this machine alone. */
export const defaultHttp: HttpConfig = Object.freeze<HttpConfig>({
  ip: '127.0.0.1',
  port: 49_880,
  tls: undefined,
  trustProxy: false,
  certFile: undefined,
  keyFile: undefined,
});

/**
 * What holds for everything a configuration does not mention. It is no whole configuration: that
 * needs users, and something to listen on.
 */
export const defaultConfig: ServerConfig = Object.freeze<ServerConfig>({
  appName: 'Clacks',
  logLevel: undefined,
  ips: [],
  port: defaultPort,
  sockets: [],
  socketMode: undefined,
  socketCommands: [],
  webSocket: undefined,
  tls: undefined,
  users: [],
  master: undefined,
  http: undefined,
  pingTimeoutMs: 180 * second,
  interclacksPingTimeoutMs: 60 * second,
  interclacksReconnectTimeoutMs: 30 * second,
  authTimeoutMs: 15 * second,
  stalledWriteTimeoutMs: 60 * second,
  interclacksStalledWriteTimeoutMs: 120 * second,
  deletedCacheTimeMs: hour,
  staleCacheTimeMs: 24 * hour,
  cacheCleanIntervalMs: 60 * second,
  persistenceFile: undefined,
  persistenceIntervalMs: 10 * second,
  maxLineLength: defaultMaxLineLength,
  maxOutbuffer: defaultMaxOutbuffer,
  maxBuffered: 512 * mebibyte,
  // An idle TLS connection costs some 50 KiB: a flood of them stays below about 1 GiB, and below
  // the number of open files that systems commonly allow.
  maxConnections: 20_000,
  // Many clients behind one address are normal: the workers of one machine, a NAT.
  maxConnectionsPerHost: 0,
  maxNames: 100_000,
  maxMessagesPerSecond: 0,
  maxCacheEntries: 0,
  maxCacheBytes: 0,
  notices: [],
});
