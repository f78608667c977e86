import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.dirname(path.dirname(import.meta.dirname));
const page = readFileSync(path.join(root, 'docs', 'security.md'), 'utf8');

/** The tests that a row of the table names: a file, then parts of titles. */
const testsOf = (row: string): { file: string; title: string }[] => {
  let file = '';
  return [...row.matchAll(/`((?:test|packages)\/[^`]+)`|"([^"]+)"/gu)].flatMap(
    ([, named, title]) => {
      if (named !== undefined) file = named;
      return title === undefined ? [] : [{ file, title }];
    },
  );
};

const rows = page
  .split('\n')
  .filter((line) => /^\| [^*-]/u.test(line) && !line.startsWith('| threat'));

describe('docs/security.md', () => {
  it.each(rows.map((row) => [row.split('|')[1]?.trim() ?? '', row]))(
    'names tests that there are for: %s',
    (_, row) => {
      const tests = testsOf(row.split('|').at(-2) ?? '');
      expect(tests).not.toEqual([]);
      for (const { file, title } of tests) {
        expect(existsSync(path.join(root, file))).toBe(true);
        expect(readFileSync(path.join(root, file), 'utf8')).toContain(title);
      }
    },
  );
});
