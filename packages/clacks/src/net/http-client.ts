import http from 'node:http';
import type { ClientRequestArgs, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { dial } from './dialer.ts';
import type { DialTarget } from './dialer.ts';

/** Longest answer that is taken, in bytes. */
const answerBytesMax = 64 * 1024 * 1024;

/** Where requests go: without `tls`, they are in clear. */
export interface HttpTarget {
  readonly host: string;
  readonly port: number;
  readonly tls?: Extract<DialTarget, { transport: 'tls' }> | undefined;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** Connects over TLS: nothing is sent before it is known who is there. */
class TlsAgent extends http.Agent {
  readonly #target: DialTarget;
  readonly #timeoutMs: number;

  constructor(target: DialTarget, timeoutMs: number, options: http.AgentOptions) {
    super(options);
    this.#target = target;
    this.#timeoutMs = timeoutMs;
  }

  override createConnection(
    _: ClientRequestArgs,
    callback: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    dial(this.#target, AbortSignal.timeout(this.#timeoutMs)).then(
      (socket) => {
        callback(null, socket);
      },
      (error: unknown) => {
        // Where there is an error, nobody looks at the stream.
        callback(error as Error, undefined as unknown as Duplex);
      },
    );
    return undefined;
  }
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

const readAll = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > answerBytesMax)
      throw new Error(`its answer is longer than ${answerBytesMax} bytes`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString();
};

/** Sends requests to one server, over connections that it keeps. */
export class HttpClient implements Disposable {
  readonly #target: HttpTarget;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #agent: http.Agent;

  /**
   * @param headers - Sent with each request.
   * @param timeoutMs - How long each may take.
   */
  constructor(target: HttpTarget, headers: Readonly<Record<string, string>>, timeoutMs: number) {
    this.#target = target;
    this.#headers = headers;
    this.#timeoutMs = timeoutMs;
    const options = { keepAlive: true, maxSockets: 4 };
    this.#agent =
      target.tls === undefined
        ? new http.Agent(options)
        : new TlsAgent(target.tls, timeoutMs, options);
  }

  /**
   * Sends a request without a body.
   *
   * @throws Error of the system, of OpenSSL or of Node.js if there is no answer.
   */
  async request(method: string, path: string): Promise<HttpAnswer> {
    const { host, port } = this.#target;
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const headers = { host: `${bracketed(host)}:${port}`, ...this.#headers };
        const options = { host, port, path, method, headers, agent: this.#agent, signal };
        http.request(options, resolve).on('error', reject).end();
      });
      return { status: response.statusCode ?? 0, text: await readAll(response) };
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new Error(`no answer within ${this.#timeoutMs / 1000} s`, { cause: error });
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
