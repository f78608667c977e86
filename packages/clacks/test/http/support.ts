import http from 'node:http';
import https from 'node:https';
import { TestServer } from '../../../../test/support/test-server.ts';
import type { TestServerOptions } from '../../../../test/support/test-server.ts';

/** Users of a test, besides `admin`, who may do everything. */
const users = `
  <user><username>reader</username><password>readerpass</password><read>1</read></user>
  <user><username>writer</username><password>writerpass</password><write>1</write></user>
  <user><username>cook</username><password>cookpass</password>
    <readnames>Kitchen::**</readnames></user>
  <user><username>keeper</username><password>keeperpass</password>
    <read>1</read><manage>1</manage><writenames>Kitchen::**</writenames></user>`;

/** A server with the admin HTTP on a free port of 127.0.0.1. */
export const startHttp = (
  xml = '',
  options: TestServerOptions = {},
  http_ = '<http><port>0</port></http>',
): Promise<TestServer> => TestServer.start({ ...options, xml: http_ + users + xml });

/** What a request got. */
export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** What is sent. */
export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A browser of a test, or a program: it keeps its cookie, and closes each connection. */
export class HttpClient {
  readonly #base: string;
  readonly #ca: string;
  cookie: string | undefined;
  /** Of this machine, to ask from; any one by default. */
  localAddress: string | undefined;

  /** @param server - Or where it listens. */
  constructor(server: TestServer | string) {
    if (typeof server === 'string') {
      this.#base = server;
      this.#ca = '';
      return;
    }
    const address = server.server.httpAddress;
    if (address === undefined) throw new Error('there is no admin HTTP');
    this.#base = `${address.isTls ? 'https' : 'http'}://${address.host}:${address.port}`;
    this.#ca = server.ca;
  }

  get base(): string {
    return this.#base;
  }

  /** One that has logged in. */
  static async login(
    server: TestServer | string,
    username = 'admin',
    password = `${username}pass`,
  ): Promise<HttpClient> {
    const client = new HttpClient(server);
    const reply = await client.change('POST', '/api/login', { username, password });
    if (reply.status !== 200) throw new Error(`not logged in: ${reply.text}`);
    return client;
  }

  /** Sends a request and waits for the whole answer. */
  async request(path: string, options: RequestOptions = {}): Promise<Reply> {
    const { method = 'GET', body } = options;
    const content = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      connection: 'close',
      ...(this.cookie !== undefined && { cookie: this.cookie }),
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(content)),
      }),
      ...options.headers,
    };
    const response = await this.open(path, { method, headers }, content);
    let text = '';
    for await (const chunk of response) text += String(chunk);
    const [cookie] = response.headers['set-cookie'] ?? [];
    if (cookie !== undefined) this.cookie = cookie.split(';')[0];
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  /** Sends a request and waits for the head of the answer. */
  open(
    path: string,
    options: { method?: string; headers?: Record<string, string> } = {},
    content = '',
  ): Promise<http.IncomingMessage> {
    const url = new URL(path, this.#base);
    const { request } = url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const { localAddress } = this;
      const from = localAddress === undefined ? {} : { localAddress };
      const sent = request(url, { ...options, ...from, ca: this.#ca, agent: false }, resolve);
      sent.on('error', reject);
      sent.end(content);
    });
  }

  /** The answer as JSON, of a request that has one. */
  async get<T = unknown>(path: string, headers?: Readonly<Record<string, string>>): Promise<T> {
    const reply = await this.request(path, headers === undefined ? {} : { headers });
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
    return JSON.parse(reply.text) as T;
  }

  /** Changes something as the page does. */
  change(method: string, path: string, body?: unknown): Promise<Reply> {
    return this.request(path, { method, body, headers: { 'x-clacks': '1' } });
  }

  /** Lines of the metrics. */
  async metrics(): Promise<string[]> {
    return (await this.request('/metrics')).text.split('\n');
  }
}

/** The header of who sends its credentials with each request. */
export const basic = (username: string, password = `${username}pass`) => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});

/** Events of a stream. */
export class EventReader {
  readonly #response: http.IncomingMessage;
  readonly #iterator: AsyncIterator<unknown>;
  #text = '';

  constructor(response: http.IncomingMessage) {
    this.#response = response;
    this.#iterator = (response as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  }

  /** The next event of that name; `undefined` at the end. */
  async next<T>(event: string): Promise<T | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end === -1) {
        const result = await this.#iterator.next();
        if (result.done === true) return undefined;
        this.#text += String(result.value);
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const [head = '', data = ''] = block.split('\n');
      if (head === `event: ${event}`) return JSON.parse(data.slice('data: '.length)) as T;
    }
  }

  close(): void {
    this.#response.destroy();
  }
}
