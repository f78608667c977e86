import { NameScope } from './name-scope.ts';

/**
 * What a login may do (protocol 4). Names and patterns in place of `true` allow it for those alone:
 * `['Kitchen::**', 'Garden::*::Temperature']`. A pattern given to LISTEN has to be within one of them.
 */
export interface Permissions {
  /** Listen, retrieve, list keys. */
  readonly read: boolean | readonly string[];
  /** Send signals, change the cache, forward OVERHEAD messages. */
  readonly write: boolean | readonly string[];
  /** Clear the cache, see and close connections, watch all traffic, stop the node. */
  readonly manage: boolean;
  /** Become a link to another node; not by default. */
  readonly interclacks?: boolean;
  /**
   * Most lines a second of all its connections together; those beyond wait. 0 is no limit; what the
   * configuration says by default.
   */
  readonly maxMessagesPerSecond?: number | undefined;
}

/** One bit for each permission, so that a check costs one `&`. */
export const permissionBit = { none: 0, read: 1, write: 2, manage: 4, interclacks: 8 } as const;

/** A sum of {@link permissionBit}s. */
export type PermissionBits = number;

/** {@link Permissions} as they are checked. */
export interface Rights {
  readonly bits: PermissionBits;
  /** The names that it may read; `undefined` for all. */
  readonly readable: NameScope | undefined;
  /** The names that it may write; `undefined` for all. */
  readonly writable: NameScope | undefined;
  /** Lines a second; 0 = no limit; `undefined` for what the configuration says. */
  readonly maxMessagesPerSecond: number | undefined;
}

const noNames = new NameScope([]);

/** Nothing is allowed. */
export const noRights: Rights = {
  bits: permissionBit.none,
  readable: noNames,
  writable: noNames,
  maxMessagesPerSecond: undefined,
};

/** What an authenticator gives may come from a program without types. */
const checkKind = (permissions: Permissions): void => {
  const { read, write, maxMessagesPerSecond = 0 }: Partial<Permissions> = permissions;
  const isAllowance = (value: unknown): boolean =>
    value === undefined || typeof value === 'boolean' || Array.isArray(value);
  if (typeof permissions !== 'object' || !isAllowance(read) || !isAllowance(write)) {
    throw new TypeError('Permissions are an object; read and write are boolean, or arrays.');
  }
  if (!Number.isFinite(maxMessagesPerSecond) || maxMessagesPerSecond < 0) {
    throw new TypeError('maxMessagesPerSecond is a finite number from 0.');
  }
};

const scopeOf = (allowed: boolean | readonly string[]): NameScope | undefined =>
  typeof allowed === 'object' ? new NameScope(allowed) : undefined;

/**
 * Prepares permissions for being checked.
 *
 * @throws TypeError if they make no sense.
 */
export const rightsOf = (permissions: Permissions): Rights => {
  checkKind(permissions);
  const { read, write, manage, interclacks = false, maxMessagesPerSecond } = permissions;
  const [readable, writable] = [scopeOf(read), scopeOf(write)];
  if (interclacks && (readable !== undefined || writable !== undefined)) {
    throw new TypeError('A link to another node takes all names: it cannot have some only.');
  }
  const bits =
    (read ? permissionBit.read : 0) |
    (write ? permissionBit.write : 0) |
    (manage ? permissionBit.manage : 0) |
    (interclacks ? permissionBit.interclacks : 0);
  return { bits, readable, writable, maxMessagesPerSecond };
};
