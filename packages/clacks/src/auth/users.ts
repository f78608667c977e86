import type { Permissions } from '../broker/ports.ts';

/** Somebody who may log in. */
export interface UserConfig {
  readonly username: string;
  /** In clear, or as a hash that {@link hashPassword} made: `scrypt:…`. */
  readonly password: string;
  readonly permissions: Permissions;
}
