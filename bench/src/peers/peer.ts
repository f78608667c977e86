import type { Certificate } from '../certificate.ts';
import type { Dialect } from './dialect.ts';

/** How one connects. */
export type Transport = 'unix' | 'tcp' | 'tls';

/** Where a server listens. */
export type Address =
  | { readonly transport: 'unix'; readonly path: string }
  | { readonly transport: 'tcp' | 'tls'; readonly port: number };

/** How a server is started. */
export interface StartOptions {
  readonly transport: Transport;
  readonly certificate: Certificate;
  /** A folder of its own, which exists and is empty. */
  readonly directory: string;
}

/** A server that runs. */
export interface RunningPeer {
  readonly pid: number;
  readonly address: Address;
  /**
   * Resident memory in bytes, after garbage was collected where that can be asked for.
   *
   * @param settleMs - How long freed pages may take until they are given back.
   */
  residentBytes(settleMs: number): Promise<number>;
  stop(): Promise<void>;
}

/** A server that is measured. */
export interface Peer {
  readonly name: string;
  /** How it is reached without TLS. */
  readonly plain: 'unix' | 'tcp';
  readonly hasTls: boolean;
  readonly dialect: Dialect;
  /** Has no idea of names: each message goes to so many listeners in turn, or to all. */
  readonly spreading?: (listeners: number) => Dialect;
  /** What must be installed for it; `undefined`: nothing, as it comes with this package. */
  readonly program?: string;
  /** Its version; `undefined` if it is not installed. */
  version(): string | undefined;
  start(options: StartOptions): Promise<RunningPeer>;
}
