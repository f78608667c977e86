import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf, request } from '../../api/requests.ts';
import { VirtualTable } from '../../ui/virtual-table.tsx';
import { Visible } from '../../ui/visible.tsx';

/** Names that are asked for at a time. */
const partMax = 1000;

/** `GET /api/connections/names` */
interface NamesPart {
  readonly items: readonly string[];
  readonly next?: string;
}

/** The names and patterns that a connection listens to, read as far as somebody looks. */
class ListenedNames {
  readonly names = signal<readonly string[]>([]);
  readonly problem = signal('');
  readonly isRead = signal(false);
  readonly #id: string;
  readonly #leave = new AbortController();
  #after: string | undefined;
  #last = 0;
  #isReading = false;
  #isAtEnd = false;

  constructor(id: string) {
    this.#id = id;
  }

  /** Reads the next part, if those that are there can be seen up to the last. */
  readonly see = (_first: number, last: number): void => {
    this.#last = last;
    if (!this.#isReading) void this.#readOn();
  };

  close(): void {
    this.#leave.abort();
  }

  async #readOn(): Promise<void> {
    this.#isReading = true;
    while (!this.#isAtEnd && this.#last >= this.names.value.length - 1) await this.#read();
    this.#isReading = false;
  }

  async #read(): Promise<void> {
    const { signal } = this.#leave;
    try {
      const query = { id: this.#id, after: this.#after, limit: partMax };
      const part = await request<NamesPart>({ path: 'connections/names', query, signal });
      this.names.value = [...this.names.value, ...part.items];
      this.#after = part.next;
      this.problem.value = '';
    } catch (error) {
      if (!signal.aborted) this.problem.value = messageOf(error);
      this.#after = undefined;
    }
    this.#isAtEnd = this.#after === undefined;
    this.isRead.value = true;
  }
}

/** Shows the names and patterns that a connection listens to. */
export const ListenedNamesTable = ({ id }: { readonly id: string }): JSX.Element => {
  const [listened] = useState(() => new ListenedNames(id));
  useEffect(
    () => () => {
      listened.close();
    },
    [listened],
  );
  const names = listened.names.value;
  if (listened.problem.value !== '') return <p class="bad">{listened.problem}</p>;
  return (
    <div class="listened-names">
      <VirtualTable
        label="Names and patterns that it listens to"
        columns={[
          {
            id: 'name',
            title: 'Listens to',
            widthRem: 12,
            isGrowing: true,
            cell: (name: string) => (
              <span class="mono">
                <Visible text={name} />
              </span>
            ),
          },
        ]}
        count={names.length}
        rowAt={(index) => names[index]}
        keyOf={(name) => name}
        onRange={listened.see}
        empty={listened.isRead.value ? 'Nothing.' : 'Reading…'}
      />
    </div>
  );
};
