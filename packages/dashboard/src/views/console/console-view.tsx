import type { ApiConsoleOutput } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { request } from '../../api/requests.ts';
import { session } from '../../state/session.ts';
import { ConsoleInput } from './console-input.tsx';
import { ConsoleOutput } from './console-output.tsx';
import { ConsoleSession } from './console-session.ts';
import './console.css';
import { History } from './history.ts';

/** How often it is looked for signals that came, in ms. */
const pollMs = 1000;

const makeConsole = (username: string) => ({
  username,
  session: new ConsoleSession({
    say: (body) => request<ApiConsoleOutput>({ method: 'POST', path: 'console', body }),
    take: () => request<ApiConsoleOutput>({ path: 'console' }),
  }),
  history: new History(sessionStorage, username),
});

/** Stays while somebody looks at other views. */
let current: ReturnType<typeof makeConsole> | undefined;

const consoleOf = (username: string): ReturnType<typeof makeConsole> => {
  if (current?.username !== username) current = makeConsole(username);
  return current;
};

/** Lines of the protocol, typed by hand, and what the node says to them. */
export const ConsoleView = (): JSX.Element => {
  const { username } = session.user.value;
  const { session: spoken, history } = useMemo(() => consoleOf(username), [username]);
  useEffect(() => {
    const poll = (): void => {
      if (document.visibilityState === 'visible') void spoken.poll();
    };
    poll();
    const timer = setInterval(poll, pollMs);
    return () => {
      clearInterval(timer);
    };
  }, [spoken]);
  return (
    <div class="console">
      <ConsoleOutput session={spoken} />
      <ConsoleInput session={spoken} history={history} />
    </div>
  );
};
