/** What a login may do (protocol 4). */
export interface Permissions {
  /** Listen, retrieve, list keys. */
  readonly read: boolean;
  /** Send signals, change the cache, forward OVERHEAD messages. */
  readonly write: boolean;
  /** Clear the cache, see and close connections, watch all traffic, stop the node. */
  readonly manage: boolean;
  /** Become a link to another node. */
  readonly interclacks: boolean;
}

/** One bit for each permission, so that a check costs one `&`. */
export const permissionBit = { none: 0, read: 1, write: 2, manage: 4, interclacks: 8 } as const;

/** A sum of {@link permissionBit}s. */
export type PermissionBits = number;

/** Packs permissions into bits. */
export const permissionBits = (permissions: Permissions): PermissionBits =>
  (permissions.read ? permissionBit.read : 0) |
  (permissions.write ? permissionBit.write : 0) |
  (permissions.manage ? permissionBit.manage : 0) |
  (permissions.interclacks ? permissionBit.interclacks : 0);
