import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../support/free-port.ts';
import { childrenOf } from '../support/processes.ts';

const run = promisify(execFile);

/** Where Debian has the programs of each version; elsewhere they are in the PATH. */
const directories = [
  ...(existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => path.join('/usr/lib/postgresql', version, 'bin'))
    : []),
  ...(process.env['PATH'] ?? '').split(path.delimiter),
];
const bin = directories.find((directory) =>
  ['initdb', 'pg_ctl', 'postgres'].every((name) => existsSync(path.join(directory, name))),
);

/** Whether PostgreSQL can be started here: `scripts/system-packages.mjs` sees to that. */
export const hasPostgres = bin !== undefined;

const isRoot = process.getuid?.() === 0;

/** PostgreSQL does not run as root: it runs as the user that its package has made, or as nobody. */
const user = (() => {
  if (!isRoot) return undefined;
  const idOf = (flag: string, name: string): number =>
    Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
  for (const name of ['postgres', 'nobody']) {
    try {
      return { name, uid: idOf('-u', name), gid: idOf('-g', name) };
    } catch {
      // There is no such user.
    }
  }
  return undefined;
})();

const password = 'pg-secret';

/** A PostgreSQL of its own in a temporary directory, on loopback. */
export class TestCluster implements AsyncDisposable {
  readonly directory: string;
  readonly #port: number;
  #databases = 0;

  private constructor(directory: string, port: number) {
    this.directory = directory;
    this.#port = port;
  }

  static async start(): Promise<TestCluster> {
    const directory = await mkdtemp(path.join(tmpdir(), 'clacks-pg-'));
    if (user !== undefined) await chown(directory, user.uid, user.gid);
    const cluster = new TestCluster(directory, await freePort());
    const passwordFile = path.join(directory, 'password');
    await writeFile(passwordFile, password);
    await chmod(passwordFile, 0o644);
    const login = ['--username=admin', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    const locale = ['--locale=C', '--encoding=UTF8'];
    await cluster.#run('initdb', ['-D', cluster.#data, '--no-sync', ...login, ...locale]);
    await cluster.resume();
    return cluster;
  }

  /** A URL for a database, as a user. */
  url(database = 'postgres', login = `admin:${password}`): string {
    return `postgres://${login}@127.0.0.1:${this.#port}/${database}`;
  }

  /** Makes a database and returns its URL. */
  async createDatabase(options = ''): Promise<string> {
    const name = `test${++this.#databases}`;
    await using admin = await TestSession.open(this.url());
    await admin.rows(`CREATE DATABASE ${name} ${options}`);
    return this.url(name);
  }

  /** Starts it, again or for the first time. */
  async resume(): Promise<void> {
    // The disk's own promises are not what is tested, and what is killed leaves its files to the system.
    const settings = `-c listen_addresses=127.0.0.1 -c port=${this.#port} -c unix_socket_directories= -c fsync=off`;
    const log = path.join(this.directory, 'log');
    await this.#run('pg_ctl', ['-D', this.#data, '-w', '-l', log, '-o', settings, 'start']);
  }

  /** Ends all its processes with SIGKILL. */
  async kill(): Promise<void> {
    const [pid = ''] = (await readFile(path.join(this.#data, 'postmaster.pid'), 'utf8')).split('\n');
    const processes = [Number(pid), ...(await childrenOf(Number(pid), 'postgres'))];
    for (const each of processes) {
      try {
        process.kill(each, 'SIGKILL');
      } catch {
        // It has seen that the first one is gone.
      }
    }
    while (processes.some((each) => existsSync(`/proc/${each}/cwd`))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run('pg_ctl', ['-D', this.#data, '-m', 'immediate', 'stop']).catch(() => undefined);
    await rm(this.directory, { recursive: true, force: true });
  }

  get #data(): string {
    return path.join(this.directory, 'data');
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    const command = [path.join(bin ?? '', program), ...args];
    const as =
      user === undefined
        ? command
        : ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', ...command];
    const [file = '', ...rest] = as;
    // Not to be held open by the server that stays.
    await run(file, rest, { cwd: this.directory });
  }
}

/** A connection of the program that a test plays. */
export class TestSession implements AsyncDisposable {
  readonly client: pg.Client;

  private constructor(client: pg.Client) {
    this.client = client;
    // When PostgreSQL is killed, the statement that runs tells.
    client.on('error', () => undefined);
  }

  static async open(url: string): Promise<TestSession> {
    const session = new TestSession(new pg.Client({ connectionString: url }));
    await session.client.connect();
    return session;
  }

  /** Runs a statement, or several without values. */
  async rows(text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    const { rows } = await this.client.query<Record<string, unknown>>(text, values);
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end();
  }
}
