import type { JSX } from 'preact';
import { Frame } from './frame.tsx';
import { session } from './state/session.ts';
import { LoginPage } from './login-page.tsx';
import { Notices } from './ui/notices.tsx';

/** The whole page: the login, or what a user may see. */
export const App = (): JSX.Element => (
  <>
    {session.state.value === 'in' && <Frame />}
    {session.state.value === 'out' && <LoginPage />}
    {session.state.value === 'unknown' && <p class="waiting">Asking the server…</p>}
    <Notices />
  </>
);
