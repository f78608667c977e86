import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { messageOf } from '../../api/requests.ts';
import { overview, recoveries } from '../../state/node.ts';
import { goTo, route } from '../../state/route.ts';
import { session } from '../../state/session.ts';
import { formatCount } from '../../ui/format.ts';
import { notify } from '../../ui/notices.tsx';
import { loadChildren, loadFound } from './cache-requests.ts';
import './cache.css';
import { NameList } from './name-list.tsx';
import { NameTree } from './name-tree.ts';
import { ValuePanel } from './value-panel.tsx';
import { WriteDialog } from './write-dialog.tsx';

/** A search begins when somebody has stopped to type for so long, in ms. */
const typingMs = 250;

/** What is searched for, once somebody has stopped to type. */
const useSearch = () => {
  const typed = useSignal('');
  const text = useSignal('');
  useEffect(() => {
    const timer = setTimeout(() => {
      text.value = typed.value;
    }, typingMs);
    return () => {
      clearTimeout(timer);
    };
  }, [typed.value]);
  return { typed, text };
};

const choose = (name: string): void => {
  goTo('cache', { name });
};

const refresh = async (tree: NameTree): Promise<void> => {
  try {
    await tree.refresh();
  } catch (error) {
    notify(`The names are not up to date. ${messageOf(error)}`, 'bad');
  }
};

/** Who leaves a value is among the names again: what had the focus may be gone. */
const useFocusOfNames = (name: string | undefined) => {
  const view = useRef<HTMLDivElement>(null);
  const before = useRef(name);
  useEffect(() => {
    if (before.current !== undefined && name === undefined) {
      view.current?.querySelector<HTMLElement>('.names')?.focus();
    }
    before.current = name;
  }, [name]);
  return view;
};

/** Finds and chooses a name. */
const Names = (props: {
  readonly search: ReturnType<typeof useSearch>;
  readonly tree: NameTree;
  readonly selected: string | undefined;
  readonly onRefresh: () => void;
  /** Absent for who may not. */
  readonly onNew: (() => void) | undefined;
}): JSX.Element => {
  const { search, tree, selected, onRefresh, onNew } = props;
  const { typed, text } = search;
  const entries = overview.value?.cache.entries;
  const hint = entries === undefined ? 'Search names' : `Search ${formatCount(entries)} names`;
  return (
    <section class="choice" aria-label="Names">
      <div class="toolbar">
        <input
          type="search"
          aria-label="Search names"
          placeholder={hint}
          value={typed}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
          }}
        />
        <button type="button" onClick={onRefresh}>
          Refresh
        </button>
        {onNew !== undefined && (
          <button type="button" onClick={onNew}>
            New
          </button>
        )}
      </div>
      <NameList
        key={text.value}
        label={text.value === '' ? 'Names' : 'Names that were found'}
        tree={tree}
        selected={selected}
        onChoose={choose}
        empty={text.value === '' ? 'The cache is empty.' : 'No name holds that text.'}
      />
    </section>
  );
};

/** The names of the cache, and the value of one of them. */
export const CacheView = (): JSX.Element => {
  const name = route.value.query.get('name') ?? undefined;
  const { manage, write } = session.user.value;
  const mayWrite = manage && write;
  const isCreating = useSignal(false);
  const search = useSearch();
  const text = search.text.value;
  const tree = useMemo(() => new NameTree(loadChildren), []);
  const found = useMemo(() => (text === '' ? tree : new NameTree(loadFound(text))), [tree, text]);
  const refreshAll = async (): Promise<void> => {
    await Promise.all([...new Set([tree, found])].map(refresh));
  };
  useEffect(() => {
    if (recoveries.value > 0) void refreshAll();
  }, [recoveries.value]);
  const now = overview.value;
  useEffect(() => {
    // A node that was started again gets its names from others a little later; and lists them a little
    // later than it counts them.
    const isFilled = (now?.cache.entries ?? 0) > 0;
    if (isFilled && tree.rows.peek().length === 0) void refresh(tree);
  }, [tree, now]);
  useEffect(() => {
    if (name !== undefined) void tree.reveal(name);
  }, [tree, name]);
  const view = useFocusOfNames(name);
  const setCreating = (isNow: boolean) => (): void => {
    isCreating.value = isNow;
  };
  return (
    <div ref={view} class={name === undefined ? 'cache' : 'cache has-value'}>
      <Names
        search={search}
        tree={found}
        selected={name}
        onRefresh={() => void refreshAll()}
        onNew={mayWrite ? setCreating(true) : undefined}
      />
      {name === undefined ? (
        <p class="value empty">Choose a name to see its value.</p>
      ) : (
        <ValuePanel
          key={name}
          name={name}
          mayWrite={mayWrite}
          onRemoved={() => void refreshAll()}
        />
      )}
      {isCreating.value && (
        <WriteDialog
          name=""
          onClose={setCreating(false)}
          onStored={(stored) => {
            void refreshAll().then(() => {
              choose(stored);
            });
          }}
        />
      )}
    </div>
  );
};
