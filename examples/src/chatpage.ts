// Serves the chat as a web page (examples/browser).
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { forPages } from './page-build.ts';

const pageFolder = fileURLToPath(new URL('../browser/', import.meta.url));

/** The page's program and the client as one file, with nothing in it that browsers do not have. */
const bundlePage = async (): Promise<string> => {
  const { outputFiles } = await build({
    ...forPages,
    entryPoints: [`${pageFolder}chat.ts`],
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
};

interface StaticFile {
  readonly type: string;
  readonly content: string;
}

const pageFiles = async (url: string): Promise<ReadonlyMap<string, StaticFile>> => {
  const read = (name: string): Promise<string> => readFile(`${pageFolder}${name}`, 'utf8');
  return new Map<string, StaticFile>([
    ['/', { type: 'text/html', content: await read('index.html') }],
    ['/chat.css', { type: 'text/css', content: await read('chat.css') }],
    ['/chat.js', { type: 'text/javascript', content: await bundlePage() }],
    ['/settings.json', { type: 'application/json', content: JSON.stringify({ url }) }],
  ]);
};

/** Nothing but what this server serves, and WebSockets. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the page on 127.0.0.1; it offers to connect to that url. */
const servePage = async (port: number, url: string): Promise<Server> => {
  const files = await pageFiles(url);
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': `${file.type}; charset=utf-8`,
      'Content-Security-Policy': contentSecurityPolicy,
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(file.content);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8080' },
    url: { type: 'string', default: 'ws://127.0.0.1:49880/clacks' },
  },
});
const server = await servePage(Number(values.port), values.url);
const { port } = server.address() as AddressInfo;
process.stdout.write(`The chat is at http://127.0.0.1:${port}/ and connects to ${values.url}\n`);
