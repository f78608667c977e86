import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { messageOf } from './api/requests.ts';
import { followNode, isLive, overview } from './state/node.ts';
import { linkTo, route } from './state/route.ts';
import { session } from './state/session.ts';
import { theme } from './state/theme.ts';
import type { Theme } from './state/theme.ts';
import { notify } from './ui/notices.tsx';
import { visibleText } from './ui/visible-text.ts';
import { viewsFor } from './views.ts';

const problems = {
  not_listening: 'does not listen',
  not_synchronised: 'not in step with its master',
  store_not_writable: 'cannot write to the disk',
} as const;

/** How the node is, in a word and a colour. */
const State = (): JSX.Element => {
  const node = overview.value;
  if (!isLive.value) {
    return (
      <span class="state bad" role="status">
        no connection – trying again
      </span>
    );
  }
  if (node === undefined || node.isReady) {
    return (
      <span class="state good" role="status">
        ready
      </span>
    );
  }
  return (
    <span class="state bad" role="status">
      {node.problems.map((problem) => problems[problem]).join(', ')}
    </span>
  );
};

const logout = async (): Promise<void> => {
  try {
    await session.logout();
  } catch (error) {
    notify(`You are still logged in. ${messageOf(error)}`, 'bad');
  }
};

const ThemeChoice = (): JSX.Element => (
  <select
    aria-label="Colours"
    value={theme}
    onChange={({ currentTarget }) => {
      theme.value = currentTarget.value as Theme;
    }}
  >
    <option value="system">System colours</option>
    <option value="light">Light</option>
    <option value="dark">Dark</option>
  </select>
);

/** What is around each view: where somebody is, as whom, and how the node is. */
export const Frame = (): JSX.Element => {
  const main = useRef<HTMLElement>(null);
  const nav = useRef<HTMLElement>(null);
  const views = viewsFor(session.user.value);
  const view = views.find(({ path }) => path === route.value.view) ?? views[0];
  const title = view?.title ?? 'Nothing to see';
  const View = view?.component;

  useEffect(followNode, []);
  useEffect(() => {
    document.title = `${title} – ${overview.peek()?.name ?? 'Clacks'}`;
    // On a phone the views are in a row that is longer than the page is wide.
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'nearest' });
  }, [title]);

  return (
    <div class="frame">
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header>
        <strong class="node">{overview.value?.name ?? 'Clacks'}</strong>
        <State />
        <span class="space" />
        <ThemeChoice />
        <span class="user">{visibleText(session.user.value.username)}</span>
        <button type="button" onClick={() => void logout()}>
          Log out
        </button>
      </header>
      <nav ref={nav} aria-label="Views">
        {views.map(({ path, title: text }) => (
          <a key={path} href={linkTo(path)} aria-current={path === view?.path ? 'page' : undefined}>
            {text}
          </a>
        ))}
      </nav>
      <main ref={main} id="main" tabIndex={-1}>
        <h1>{title}</h1>
        {View !== undefined && <View />}
      </main>
    </div>
  );
};
