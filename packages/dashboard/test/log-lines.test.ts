import type { ApiLogEntry } from 'clacks/admin-api';
import { describe, expect, it } from 'vitest';
import { addEntries, filterLines, readableDetails } from '../src/views/logs/log-lines.ts';
import type { LogLine } from '../src/views/logs/log-lines.ts';

const entry = (serial: number, atMs = serial, level = 'info', message = 'said'): ApiLogEntry => ({
  serial,
  atMs,
  level,
  message,
  details: `{"cid":"Kitchen ${serial}"}`,
});
const textOf = (line: LogLine): string =>
  line.kind === 'note' ? line.text : `${line.entry.serial}`;

describe('lines of the log', () => {
  it('are there once, whichever way they came', () => {
    const known = addEntries([], [entry(1), entry(2)], 10);
    expect(addEntries(known, [entry(1), entry(2), entry(3)], 10).map(textOf)).toEqual([
      '1',
      '2',
      '3',
    ]);
    expect(addEntries(known, [entry(2)], 10)).toBe(known);
  });

  it('say where some are missing, and where another server began', () => {
    const known = addEntries([], [entry(1), entry(2)], 10);
    expect(addEntries(known, [entry(7), entry(1, 90), entry(2, 91)], 10).map(textOf)).toEqual([
      '1',
      '2',
      '4 more, which this page was not told.',
      '7',
      'The server was started anew.',
      '1',
      '2',
    ]);
  });

  it('are no more than so many: the oldest go', () => {
    const known = addEntries([], [entry(1), entry(2), entry(3)], 2);
    expect(known.map(textOf)).toEqual(['2', '3']);
  });

  it('are found by level and by text of message and details, in any case', () => {
    const all = [entry(1), entry(2, 2, 'warn', 'Denied'), entry(3, 3, 'error'), entry(4, 4, 'odd')];
    const lines = addEntries([], all, 10);
    const found = (level: string, text: string): string[] =>
      filterLines(lines, { level, text }).map(textOf);
    expect(found('', '')).toEqual(['1', '2', '3', '4']);
    expect(found('warn', '')).toEqual(['2', '3', '4']);
    expect(found('', ' DENIED ')).toEqual(['2']);
    expect(found('', 'kitchen 3')).toEqual(['3']);
    expect(found('warn', 'kitchen 1')).toEqual([]);
  });

  it('have details to read, also if those were cut', () => {
    expect(readableDetails('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(readableDetails('{"a":"cut')).toBe('{"a":"cut');
    expect(readableDetails('{"user":"\u202Eadmin"}')).toBe('{\n  "user": "⟨202E⟩admin"\n}');
  });
});
