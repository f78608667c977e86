/**
 * The client of Clacks servers, ours and Net::Clacks: signals, a shared cache, automatic
 * reconnection.
 *
 * @packageDocumentation
 */
export { ClacksCache } from './cache.ts';
export { Client } from './client.ts';
export type { Monitoring, RetrieveOptions } from './client.ts';
export type { ClientInfo, LinkInfo } from './client-info.ts';
export { connect } from './connect.ts';
export type { Emitter, EventHandler } from './emitter.ts';
export { ClacksClientError } from './errors.ts';
export type { ClacksClientErrorCode } from './errors.ts';
export type { ClientEvents } from './events.ts';
export type { ConnectOptions, ReconnectOptions, TlsOptions } from './options.ts';
export type { QueueOptions, QueuePolicy } from './queue.ts';
export type { RequestOptions } from './requester.ts';
export type { NotifySignal, SetSignal, Signal } from './signal.ts';
export type { Subscription } from './subscription.ts';
export type { Watch, WatchedValue } from './watch.ts';
export type { WebSocketConstructor, WebSocketLike } from './transports/websocket-like.ts';
