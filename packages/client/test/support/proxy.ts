import { once } from 'node:events';
import net from 'node:net';

/** Somebody between a client and a port of this machine, who may hold up what goes through. */
export class TestProxy implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #pairs = new Set<readonly [front: net.Socket, back: net.Socket]>();
  /** Whether nothing goes through from now on, though connections are taken. */
  #isSilent = false;
  #heard: () => void = () => undefined;

  private constructor(target: number) {
    this.#server = net.createServer((front) => {
      const back = net.connect(target, '127.0.0.1');
      const pair = [front, back] as const;
      this.#pairs.add(pair);
      front.on('close', () => {
        back.destroy();
        this.#pairs.delete(pair);
      });
      front.on('data', (data) => {
        if (!this.#isSilent) back.write(data);
        this.#heard();
      });
      back.on('data', (data) => {
        if (!this.#isSilent) front.write(data);
      });
      for (const [each, other] of [pair, [back, front]] as const) {
        each.on('error', () => undefined);
        each.on('end', () => {
          if (!this.#isSilent) other.end();
        });
      }
    });
  }

  static async start(url: string): Promise<TestProxy> {
    const proxy = new TestProxy(Number(new URL(url).port));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The url of a WebSocket that leads through it. */
  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}/clacks`;
  }

  /** Lets nothing through from now on, or everything again that comes then. */
  setSilent(isSilent: boolean): void {
    this.#isSilent = isSilent;
  }

  /** Resolves when a client sends something. */
  heard(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve;
    });
  }

  /** Ends all connections. */
  drop(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
