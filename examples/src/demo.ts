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
const clacks = fileURLToPath(import.meta.resolve('clacks/bin'));

const ensureCertificate = async (): Promise<void> => {
  if (existsSync(`${examples}exampleserver.crt`)) return;
  const options = ['cert', '--out', examples, '--name', 'exampleserver'];
  await promisify(execFile)(process.execPath, [clacks, ...options]);
};

const welcome = (): void => {
  process.stdout.write(`
A Clacks server listens on 127.0.0.1:49888 (TLS), with a clock and a chat bot.
You are in the chat: type something, mention simon, or QUIT to leave.

In another terminal, try:

  export CLACKS_URL=clacks://exampleuser:unsafepassword@127.0.0.1:49888
  npx clacks --ca examples/exampleserver.crt listen 'example::**'
  npx clacks --ca examples/exampleserver.crt set example::chat 'simon was here'
  npx clacks --ca examples/exampleserver.crt clients
  npx clacks --ca examples/exampleserver.crt shell

`);
};

await run(async () => {
  await ensureCertificate();
  const server = new Server({ config: `${examples}clacks_master.xml` });
  await server.start();
  const options = readArguments('demo');
  const parts = [await startChatbot(options), await startClock(options)];
  welcome();
  await chat(options, !process.stdin.isTTY);
  for (const part of parts) await part[Symbol.asyncDispose]();
  await server.stop();
});
