// The article's chat client: what you type goes to everybody, what others type comes to you.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { connect } from '@clacks/client';
import type { Client } from '@clacks/client';
import { readArguments } from './arguments.ts';
import type { ExampleArguments } from './arguments.ts';
import { chatName, clockName } from './names.ts';
import { reportDisconnects, run } from './run.ts';

/** How long a scripted chat waits for the bot's last answer, in ms. */
const answerWaitMs = 2000;

/** Which answers of the bot are still to come. */
class ExpectedAnswers {
  readonly #texts: string[] = [];
  #none: () => void = () => undefined;

  said(text: string): void {
    if (/simon/iu.test(text)) this.#texts.push(`RoboSimon says: ${text}`);
  }

  heard(text: string): void {
    const index = this.#texts.indexOf(text);
    if (index !== -1) this.#texts.splice(index, 1);
    if (this.#texts.length === 0) this.#none();
  }

  /** Resolves when the bot has answered everything, or does not answer any more. */
  async wait(): Promise<void> {
    if (this.#texts.length === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, answerWaitMs);
      this.#none = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const isFarewell = (line: string): boolean => /^(?:quit|exit)$/iu.test(line);

const listen = (client: Client, print: (line: string) => void, expected: ExpectedAnswers): void => {
  client.listen(chatName, (signal) => {
    if (signal.type !== 'set') return;
    print(`>>> ${signal.value}`);
    expected.heard(signal.value);
  });
  client.listen(clockName, () => {
    print('*** Another minute has passed ***');
  });
  reportDisconnects(client, print);
};

/**
 * Chats until the user says QUIT or EXIT, or standard input ends.
 *
 * @param waitForBot - Whether to give the bot time to answer before leaving.
 */
export const chat = async (
  { connection }: ExampleArguments,
  waitForBot: boolean,
): Promise<void> => {
  const client = await connect({ ...connection, name: 'chatclient' });
  const { stdin, stdout } = process;
  const terminal = stdin.isTTY && stdout.isTTY;
  let redraw = (): void => undefined;
  const print = (line: string): void => {
    // On a terminal, what the user is typing moves below what is printed.
    stdout.write(terminal ? `\r\u001b[K${line}\n` : `${line}\n`);
    redraw();
  };
  const expected = new ExpectedAnswers();
  listen(client, print, expected);
  await client.flush();
  // Lines come from now on: whoever waits in between would miss some.
  const input = createInterface({ input: stdin, ...(terminal && { output: stdout }), prompt: '' });
  if (terminal) {
    redraw = () => {
      input.prompt(true);
    };
  }
  client.on('closed', () => {
    input.close();
  });
  input.on('line', (line) => {
    if (isFarewell(line)) {
      input.close();
    } else if (line !== '') {
      void client.set(chatName, line);
      expected.said(line);
    }
  });
  await once(input, 'close');
  if (waitForBot) await expected.wait();
  await client.close();
  stdin.destroy();
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run(() => chat(readArguments('chatclient'), false));
}
