import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Child } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { RawClient } from '../support/raw-client.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const clacks = path.join(root, 'packages', 'clacks', 'bin', 'clacks.js');

/** A server in a process of its own, with ports for pages that stay, to kill and start again. */
export class ServerProcess implements AsyncDisposable {
  readonly directory: string;
  readonly webSocketPort: number;
  readonly httpPort: number;
  #child: Child | undefined;

  private constructor(directory: string, webSocketPort: number, httpPort: number) {
    this.directory = directory;
    this.webSocketPort = webSocketPort;
    this.httpPort = httpPort;
  }

  /** @param xml - More elements of its configuration. */
  static async start(xml = ''): Promise<ServerProcess> {
    const directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
    const server = new ServerProcess(directory, await freePort(), await freePort());
    const config = `<clacks><socket>clacks.sock</socket>
      <websocket port="${server.webSocketPort}" tls="0"/>
      <http><port>${server.httpPort}</port></http>
      <username>admin</username><password>adminpass</password>${xml}</clacks>`;
    await writeFile(path.join(directory, 'server.xml'), config, { mode: 0o600 });
    await server.restart();
    return server;
  }

  get webSocketUrl(): string {
    return `ws://127.0.0.1:${this.webSocketPort}/clacks`;
  }

  /** Where its dashboard is. */
  get pageUrl(): string {
    return `http://127.0.0.1:${this.httpPort}/`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it again, after {@link kill}. */
  async restart(): Promise<void> {
    this.#child = new Child(clacks, ['server', path.join(this.directory, 'server.xml')]);
    await this.#child.waitFor(/ws:\/\/127\.0\.0\.1/u);
  }

  /** Ends it without a chance to take leave. */
  async kill(): Promise<void> {
    await this.#child?.kill('SIGKILL');
  }

  /** A client of the main user that sends what it is told to, as one of Perl would. */
  login(): Promise<RawClient> {
    return RawClient.loginAt(path.join(this.directory, 'clacks.sock'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true });
  }
}
