import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { formatCount } from '../../ui/format.ts';
import { isNarrow } from '../../ui/narrow.ts';
import { VirtualTable } from '../../ui/virtual-table.tsx';
import type { Column } from '../../ui/virtual-table.tsx';
import { Visible } from '../../ui/visible.tsx';
import { filterSignals } from './filter-signals.ts';
import type { LogRow } from './signal-board.ts';
import { SignalValue } from './signal-value.tsx';

const time = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

const columns = (): readonly Column<LogRow>[] => {
  const isShort = isNarrow.value;
  return [
    { id: 'at', title: 'Time', widthRem: 7.5, cell: ({ atMs }) => time.format(atMs) },
    ...(isShort
      ? []
      : [
          { id: 'type', title: 'Type', widthRem: 4, cell: (row: LogRow) => row.type.toUpperCase() },
        ]),
    {
      id: 'name',
      title: 'Name',
      widthRem: isShort ? 8 : 11,
      isGrowing: true,
      cell: ({ name }) => <Visible text={name} />,
    },
    {
      id: 'value',
      title: 'Value',
      widthRem: isShort ? 7 : 11,
      isGrowing: true,
      cell: (row) => <SignalValue signal={row} />,
    },
    {
      id: 'count',
      title: 'Alike',
      widthRem: 4,
      align: 'end',
      cell: ({ count }) => (count === 1 ? '' : `× ${formatCount(count)}`),
    },
  ];
};

/** Signals as they came, the newest first. It stands still for as long as it is scrolled down. */
export const LogTable = (props: {
  /** The oldest first. */
  readonly log: readonly LogRow[];
  /** Text that signals have to hold. */
  readonly filter: string;
  readonly empty: string;
}): JSX.Element => {
  const { log, filter, empty } = props;
  const place = useRef<HTMLDivElement>(null);
  const held = useSignal<readonly LogRow[] | undefined>(undefined);
  const rows = filterSignals(held.value ?? log, filter);
  const heldSerial = held.value?.at(-1)?.serial ?? Infinity;
  const newer = log.length - 1 - log.findLastIndex(({ serial }) => serial <= heldSerial);
  const toNewest = (): void => {
    const table = place.current?.querySelector<HTMLElement>('[role=table]');
    table?.scrollTo({ top: 0 });
    table?.focus();
  };
  return (
    <div
      class="log-table"
      ref={place}
      onScrollCapture={({ target }) => {
        const isDown = target instanceof HTMLElement && target.scrollTop > 0;
        held.value = isDown ? (held.value ?? log) : undefined;
      }}
    >
      <VirtualTable
        label="Log of signals, the newest first"
        columns={columns()}
        count={rows.length}
        rowAt={(index) => rows.at(-1 - index)}
        keyOf={({ serial }) => String(serial)}
        empty={empty}
      />
      {held.value !== undefined && newer > 0 && (
        <button type="button" class="primary to-newest" onClick={toNewest}>
          ↑ To the newest
        </button>
      )}
    </div>
  );
};
