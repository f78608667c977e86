/**
 * The client of Clacks servers for pages of browsers: the same as for Node.js, over WebSockets alone.
 *
 * @packageDocumentation
 */
export { ClacksCache } from './cache.ts';
export { Client } from './client.ts';
export { connect } from './connect-page.ts';
export { ClacksClientError } from './errors.ts';
