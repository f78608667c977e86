import type { ConnectionSettings } from '../connection-settings.ts';
import { exitCode } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { AdminApi } from './admin-api.ts';
import { LiveTop } from './live.ts';
import { printOnce } from './once.ts';

/** How `clacks top` is used. */
export interface TopOptions {
  /** Whether to print what there is, and end: where there is no terminal, that is what it does. */
  readonly once?: boolean;
  /** The same as JSON. */
  readonly json?: boolean;
  /** How long each answer may take. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Shows what a server does.
 *
 * @returns The exit code.
 * @throws UsageError, CommandError
 */
export const runTop = async (
  settings: ConnectionSettings,
  { once = false, json = false, timeoutMs }: TopOptions,
): Promise<ExitCode> => {
  using api = await AdminApi.create(settings, timeoutMs);
  // Who may not see it is told before the terminal is taken.
  const session = await api.session();
  const isLive = !once && !json && process.stdin.isTTY && process.stdout.isTTY;
  if (isLive) return await new LiveTop(api, session).run();
  await printOnce(api, session, json);
  return exitCode.ok;
};
