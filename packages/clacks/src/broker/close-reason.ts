/** Every reason for which a connection ends. Log, monitor and metrics use these words. */
export const closeReasons = [
  'quit',
  'peer_closed',
  'socket_error',
  'ping_timeout',
  'auth_timeout',
  'login_failed',
  'login_unavailable',
  'write_stalled',
  'output_limit',
  'slow_consumer',
  'line_limit',
  'input_limit',
  'login_limit',
  'link_refused',
  'link_replaced',
  'link_realigned',
  'user_removed',
  'login_changed',
  'disconnected_by_manager',
  'shutdown',
] as const;

/** One of {@link closeReasons}. */
export type CloseReason = (typeof closeReasons)[number];
