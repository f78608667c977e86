/**
 * The limits and times that both ends of a connection share, with their defaults in one place.
 * docs/limits.md says what happens when one is hit.
 */

/** The TCP port of a Clacks server unless another is given (protocol 1). */
export const defaultPort = 49_888;

/** Longest accepted line in bytes, without its line end (protocol 10.3): 16 MiB. */
export const defaultMaxLineLength = 16 * 1024 * 1024;

/** Most bytes a connection may send before its login token (protocol 10.3): 64 KiB. */
export const maxBytesBeforeLogin = 64 * 1024;

/** Most unsent bytes a node keeps for one connection (protocol 10.3): 64 MiB. */
export const defaultMaxOutbuffer = 64 * 1024 * 1024;
