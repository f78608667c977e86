import { clearLine, createInterface, cursorTo } from 'node:readline';
import { printError, printLine, printNote } from './output.ts';
import type { Shell } from './shell.ts';
import { complete } from './shell-completion.ts';
import { historyLinesMax, readHistory, writeHistory } from './shell-history.ts';

type Completed = (error: Error | null, result: [string[], string]) => void;

const eraseLine = (): void => {
  clearLine(process.stdout, 0);
  cursorTo(process.stdout, 0);
};

/** Runs the shell on a terminal, until the user leaves it or the connection is gone. */
export const runOnTerminal = async (shell: Shell): Promise<void> => {
  let history = await readHistory();
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: 'clacks> ',
    history: [...history],
    historySize: historyLinesMax,
    removeHistoryDuplicates: true,
    completer: (line: string, done: Completed) => {
      complete(line, () => shell.names()).then(
        (result) => {
          done(null, result);
        },
        () => {
          done(null, [[], line]);
        },
      );
    },
  });
  terminal.on('history', (lines) => {
    history = lines;
  });
  shell.show = (line) => {
    // What is being typed moves below what has come in.
    eraseLine();
    printLine(line);
    terminal.prompt(true);
  };
  printNote("Lines go to the server as they are. 'help' lists the verbs, Ctrl-D ends it.");
  try {
    await Promise.race([shell.gone, readLines(shell, terminal)]);
  } finally {
    shell.show = printLine;
    terminal.close();
    eraseLine();
    await writeHistory(history);
  }
};

const readLines = (shell: Shell, terminal: ReturnType<typeof createInterface>): Promise<void> =>
  new Promise((resolve) => {
    terminal.on('line', (line) => {
      shell.take(line).then(
        (goesOn) => {
          if (goesOn) terminal.prompt();
          else resolve();
        },
        (error: unknown) => {
          printError((error as Error).message);
          terminal.prompt();
        },
      );
    });
    terminal.on('SIGINT', () => {
      if (terminal.line === '') {
        resolve();
        return;
      }
      terminal.write(null, { ctrl: true, name: 'e' });
      terminal.write(null, { ctrl: true, name: 'u' });
    });
    terminal.on('close', resolve);
    terminal.prompt();
  });
