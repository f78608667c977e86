// `npm start`: the article's whole example in one go. Starts the server, the clock and the chat
// bot, and puts you into the chat.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Server } from 'clacks';
import { readArguments } from './arguments.ts';
import { chat } from './chatclient.ts';
import { startChatbot } from './chatbot.ts';
import { startClock } from './clock.ts';
import { run } from './run.ts';

const examples = fileURLToPath(new URL('..', import.meta.url));
const clacks = fileURLToPath(new URL('../bin/clacks.js', import.meta.resolve('clacks')));

const ensureCertificate = async (): Promise<void> => {
  if (existsSync(`${examples}exampleserver.crt`)) return;
  const options = ['cert', '--out', examples, '--name', 'exampleserver'];
  await promisify(execFile)(process.execPath, [clacks, ...options]);
};

const welcome = (port: number, httpPort: number | undefined): void => {
  const admin =
    httpPort === undefined
      ? ''
      : `Metrics and more: http://127.0.0.1:${httpPort} (docs/admin-http.md)\n`;
  process.stdout.write(`
A Clacks server listens on 127.0.0.1:${port} (TLS), with a clock and a chat bot.
${admin}\
You are in the chat: type something, mention simon, or QUIT to leave.

In another terminal, try:

  export CLACKS_URL=clacks://exampleuser:unsafepassword@127.0.0.1:${port}
  npx clacks --ca examples/exampleserver.crt listen 'example::**'
  npx clacks --ca examples/exampleserver.crt set example::chat 'simon was here'
  npx clacks --ca examples/exampleserver.crt clients
  npx clacks --ca examples/exampleserver.crt shell

Or chat in a browser, at the page that this serves:

  node examples/dist/chatpage.js

`);
};

const startServer = async (config: string): Promise<{ server: Server; port: number }> => {
  const server = new Server({ config });
  await server.start();
  const address = server.address.find(({ transport }) => transport === 'tls');
  return { server, port: address?.transport === 'tls' ? address.port : 0 };
};

await run(async () => {
  await ensureCertificate();
  const options = readArguments('demo');
  const { server, port } = await startServer(options.config);
  const here = { ...options, connection: { ...options.connection, port } };
  const parts = [await startChatbot(here), await startClock(here)];
  welcome(port, server.httpAddress?.port);
  await chat(here, !process.stdin.isTTY);
  for (const part of parts) await part[Symbol.asyncDispose]();
  await server.stop();
});
