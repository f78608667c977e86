import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Server } from 'clacks';
import type { ServerOptions } from 'clacks';
import { makeCertificate } from './certificate.ts';
import type { TestCertificate } from './certificate.ts';

let certificate: Promise<TestCertificate> | undefined;

/** What a {@link TestServer} is started with. */
export interface TestServerOptions extends Omit<ServerOptions, 'config'> {
  /** More elements of the configuration, as XML. */
  readonly xml?: string;
  /** More attributes of its `<ssl>`, as XML. */
  readonly ssl?: string;
  /** More files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Another certificate than the usual one. */
  readonly certificate?: TestCertificate;
}

/** A real server in a temporary directory, on TLS and on a unix socket. */
export class TestServer implements AsyncDisposable {
  readonly directory: string;
  readonly ca: string;
  readonly #options: TestServerOptions;
  #xml: string;
  #server: Server;
  #port = 0;
  #configuredPort = 0;

  private constructor(directory: string, ca: string, options: TestServerOptions) {
    this.directory = directory;
    this.ca = ca;
    this.#options = options;
    this.#xml = options.xml ?? '';
    this.#server = this.#newServer();
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
    certificate ??= makeCertificate();
    const { cert, key } = options.certificate ?? (await certificate);
    for (const [name, content] of Object.entries(options.files ?? {})) {
      await writeFile(path.join(directory, name), content);
    }
    await writeFile(path.join(directory, 'server.crt'), cert);
    await writeFile(path.join(directory, 'server.key'), key, { mode: 0o600 });
    const testServer = new TestServer(directory, cert, options);
    await testServer.#start();
    return testServer;
  }

  get port(): number {
    return this.#port;
  }

  get socketPath(): string {
    return path.join(this.directory, 'clacks.sock');
  }

  /** Where its first WebSocket is; empty if it has none. */
  get webSocketUrl(): string {
    const address = this.#server.address.find(({ transport }) => transport === 'websocket');
    return address?.transport === 'websocket' ? address.url : '';
  }

  get server(): Server {
    return this.#server;
  }

  /**
   * Stops, and starts anew on the same port and socket.
   *
   * @param xml - More elements of the configuration from now on, if not the same ones.
   */
  async restart(xml = this.#xml): Promise<void> {
    await this.#server.stop();
    this.#xml = xml;
    this.#server = this.#newServer();
    await this.#start();
  }

  /**
   * Writes the configuration, for a reload.
   *
   * @param xml - More elements of it.
   * @param password - Of the main user.
   */
  async configure(xml: string, password = 'adminpass'): Promise<void> {
    this.#xml = xml;
    await writeFile(
      path.join(this.directory, 'server.xml'),
      `<clacks>
      <ip>127.0.0.1</ip><port>${this.#configuredPort}</port>
      <socket>clacks.sock</socket>
      <ssl cert="server.crt" key="server.key" ${this.#options.ssl ?? ''}/>
      <username>admin</username><password>${password}</password>
      ${xml}
    </clacks>`,
      { mode: 0o600 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
    await rm(this.directory, { recursive: true });
  }

  #newServer(): Server {
    return new Server({ ...this.#options, config: path.join(this.directory, 'server.xml') });
  }

  async #start(): Promise<void> {
    this.#configuredPort = this.#port;
    await this.configure(this.#xml);
    await this.#server.start();
    for (const address of this.#server.address) {
      if (address.transport === 'tls') this.#port = address.port;
    }
  }
}
