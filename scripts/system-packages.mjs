// Programs that are no packages of npm. On Debian and its like they are installed, by root; elsewhere
// what needs them is left out.
import { spawnSync } from 'node:child_process';

/** Debian keeps the programs of PostgreSQL out of the PATH, beside those of other versions. */
const isThere = (program) =>
  spawnSync('sh', ['-c', `command -v ${program} || ls /usr/lib/postgresql/*/bin/${program}`])
    .status === 0;

/** Servers to compare with: programs and their packages. */
export const peers = {
  'nats-server': 'nats-server',
  'redis-server': 'redis-server',
  mosquitto: 'mosquitto',
  memcached: 'memcached',
};

/** The browser that pages are tested in. */
export const browsers = { chromium: 'chromium' };

/** What checks files for operators, and plays a service manager. */
export const operating = {
  'systemd-analyze': 'systemd',
  python3: 'python3',
  logrotate: 'logrotate',
};

/** The database that the bridge is tested with: tests start one of their own. */
export const databases = { initdb: 'postgresql' };

/** Installs what is missing, if that can be done. Says what is still missing then. */
export const installMissing = (programs) => {
  const missing = () => Object.keys(programs).filter((program) => !isThere(program));
  const wanted = missing().map((program) => programs[program]);
  if (wanted.length === 0) return;
  if (process.getuid?.() === 0 && isThere('apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const aptGet = (...args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 2, 2] });
    aptGet('-q', 'update');
    aptGet('-q', 'install', '-y', '--no-install-recommends', ...wanted);
  }
  const rest = missing();
  if (rest.length > 0) process.stderr.write(`Not installed, left out: ${rest.join(', ')}\n`);
};
