import { ClacksError } from '@clacks/protocol';

const explanations: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process is listening there; stop it or choose another port or path',
  EADDRNOTAVAIL: 'this machine has no such address; correct <ip>',
  EACCES: 'this user may not; use a port from 1024 up, or a directory that it may write to',
  ENOENT: 'the directory does not exist; create it',
  ENOTSOCK: 'a file that is no socket is in the way; move it or choose another path',
  ENAMETOOLONG: 'a socket path may have at most 107 bytes; choose a shorter one',
  ENOTFOUND: 'there is no such host; correct <ip>',
};

/** A node cannot listen where it should. */
export class ListenError extends ClacksError {
  override readonly name = 'ListenError';
  readonly code = 'CLACKS_ERR_LISTEN';

  /**
   * @param where - The address or path.
   * @param cause - What the system says; its `code` decides about the advice.
   */
  constructor(
    where: string,
    cause: { readonly code?: string | undefined; readonly message?: string },
  ) {
    const why = explanations[cause.code ?? ''] ?? cause.message ?? 'unknown reason';
    super(`Cannot listen on ${where}: ${why}.`, { cause });
  }
}
