import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { appendFile, chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { TestCertificate } from '../support/certificate.ts';
import { freePort } from '../support/free-port.ts';
import { childrenOf } from '../support/processes.ts';

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
  ['initdb', 'postgres'].every((name) => existsSync(path.join(directory, name))),
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
  #server: ChildProcess | undefined;

  private constructor(directory: string, port: number) {
    this.directory = directory;
    this.#port = port;
  }

  /** @param certificate - With one it speaks TLS, to who wants it. */
  static async start(certificate?: TestCertificate): Promise<TestCluster> {
    const directory = await mkdtemp(path.join(tmpdir(), 'clacks-pg-'));
    if (user !== undefined) await chown(directory, user.uid, user.gid);
    const cluster = new TestCluster(directory, await freePort());
    const passwordFile = path.join(directory, 'password');
    await writeFile(passwordFile, password);
    await chmod(passwordFile, 0o644);
    const login = ['--username=admin', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    const locale = ['--locale=C', '--encoding=UTF8'];
    const [file, ...args] = cluster.#command('initdb', [
      '-D',
      cluster.#data,
      '--no-sync',
      ...login,
      ...locale,
    ]);
    await promisify(execFile)(file, args, { cwd: directory });
    if (certificate !== undefined) await cluster.#useTls(certificate);
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
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(this.#port),
      unix_socket_directories: '',
      fsync: 'off',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [file, ...rest] = this.#command('postgres', ['-D', this.#data, ...args]);
    // A child of our own, that is gone when it has ended: it would not start beside a dead one's remains.
    while (!(await this.#start(file, rest)));
  }

  /** Ends all its processes with SIGKILL. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    // So that it makes no more of them.
    server.kill('SIGSTOP');
    const children = await childrenOf(server.pid, 'postgres');
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    for (const child of children) {
      try {
        process.kill(child, 'SIGKILL');
      } catch {
        // It has seen that the first one is gone.
      }
    }
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  get #data(): string {
    return path.join(this.directory, 'data');
  }

  /** Returns whether it has started: not while a process that was killed is not quite gone. */
  async #start(file: string, args: readonly string[]): Promise<boolean> {
    const server = spawn(file, args, { cwd: this.directory, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#server = server;
    return new Promise((resolve, reject) => {
      let output = '';
      server.stderr.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (text.includes('ready to accept connections')) resolve(true);
      });
      server.once('close', () => {
        if (output.includes('still in use')) resolve(false);
        else reject(new Error(`PostgreSQL does not start: ${output}`));
      });
    });
  }

  async #useTls({ cert, key }: TestCertificate): Promise<void> {
    for (const [name, content] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
      const file = path.join(this.#data, name);
      await writeFile(file, content, { mode: 0o600 });
      if (user !== undefined) await chown(file, user.uid, user.gid);
    }
    await appendFile(path.join(this.#data, 'postgresql.conf'), 'ssl = on\n');
  }

  #command(program: string, args: readonly string[]): [string, ...string[]] {
    const file = path.join(bin ?? '', program);
    if (user === undefined) return [file, ...args];
    const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
    return ['setpriv', ...ids, file, ...args];
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
