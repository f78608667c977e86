import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { encodeToken } from '@clacks/protocol';
import type { TestServer } from '../support/test-server.ts';

/** A WebSocket without TLS on any free port, for {@link TestServer}. */
export const plainWebSocket = '<websocket port="0" tls="0"/>';

/** The line that logs the main user of a test server in. */
export const loginLine = `OVERHEAD A ${encodeToken({ username: 'admin', password: 'adminpass' })}\r\n`;

/** What a client sends that asks for a WebSocket. */
export const upgradeRequest = [
  'GET /clacks HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
  '\r\n',
].join('\r\n');

/** A WebSocket of which a test decides about each frame. */
export class FrameClient {
  readonly webSocket: WebSocket;
  /** What has come in, as text. */
  text = '';
  /** The code that it was closed with, once it is. */
  closeCode: number | undefined;
  #changed: () => void = () => undefined;

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    webSocket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) throw new Error('a server sends binary frames only');
      this.text += data.toString('latin1');
      this.#changed();
    });
    webSocket.on('close', (code) => {
      this.closeCode = code;
      this.#changed();
    });
    webSocket.on('error', () => undefined);
  }

  static async open(
    server: Pick<TestServer, 'webSocketUrl' | 'ca'>,
    options: ClientOptions = {},
  ): Promise<FrameClient> {
    const webSocket = new WebSocket(server.webSocketUrl, { ca: server.ca, ...options });
    const client = new FrameClient(webSocket);
    await once(webSocket, 'open');
    return client;
  }

  /** One that has logged in. */
  static async login(server: TestServer): Promise<FrameClient> {
    const client = await FrameClient.open(server);
    client.webSocket.send(loginLine);
    await client.waitFor('OVERHEAD O Welcome!\r\n');
    return client;
  }

  /** Waits until that has come in. Fails when the WebSocket closes before. */
  async waitFor(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      if (this.closeCode !== undefined) throw new Error(`closed after: ${this.text}`);
      await this.#change();
    }
  }

  /** Waits until it is closed, and returns the code. */
  async closed(): Promise<number> {
    while (this.closeCode === undefined) await this.#change();
    return this.closeCode;
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#changed = resolve;
    });
  }
}

/** How a server answers who asks for a WebSocket that it does not get: status and text. */
export const refusal = async (
  url: string,
  options: ClientOptions = {},
): Promise<{ readonly status: number; readonly text: string }> => {
  const webSocket = new WebSocket(url, options);
  webSocket.on('error', () => undefined);
  const [request, response] = (await once(webSocket, 'unexpected-response')) as [
    ClientRequest,
    IncomingMessage,
  ];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  request.destroy();
  return { status: response.statusCode ?? 0, text };
};

/** The status that a page of that origin gets for a request for a WebSocket. */
export const statusFor = async (
  server: TestServer,
  origin: string,
  host?: string,
): Promise<number> => {
  const options = { ca: server.ca, origin, headers: host === undefined ? {} : { host } };
  try {
    const client = await FrameClient.open(server, options);
    client.webSocket.terminate();
    return 101;
  } catch {
    return (await refusal(server.webSocketUrl, options)).status;
  }
};
