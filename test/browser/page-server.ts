import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { forPages } from '../../examples/src/page-build.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

/** Serves an empty page, in which a program for pages has run. */
export class PageServer implements AsyncDisposable {
  readonly #server: http.Server;

  private constructor(server: http.Server) {
    this.#server = server;
  }

  /** @param program - What the page runs: a module, which may import our packages. */
  static async start(program: string): Promise<PageServer> {
    const { outputFiles } = await build({
      ...forPages,
      stdin: { contents: program, resolveDir: path.join(root, 'examples') },
    });
    const code = outputFiles[0]?.text ?? '';
    const server = http.createServer((request, response) => {
      const isCode = request.url === '/page.js';
      response.setHeader('Content-Type', isCode ? 'text/javascript' : 'text/html');
      response.end(
        isCode
          ? code
          : '<link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PageServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
