import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.dirname(path.dirname(import.meta.dirname));
const read = (...parts: string[]): string => readFileSync(path.join(root, ...parts), 'utf8');

const documented = read('docs', 'errors.md');

const sources = ['protocol', 'client', 'clacks'].flatMap((name) => {
  const directory = path.join('packages', name, 'src');
  const files = readdirSync(path.join(root, directory), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => read(directory, file));
});

const codes = new Set(sources.flatMap((source) => source.match(/CLACKS_ERR_[A-Z_]+/gu) ?? []));

const closeReasons = [
  ...read('packages', 'clacks', 'src', 'broker', 'close-reason.ts').matchAll(/'(\w+)'/gu),
].map(([, reason = '']) => reason);

describe('docs/errors.md', () => {
  it('says when each error comes', () => {
    expect(codes.size).toBeGreaterThan(10);
    expect([...codes].filter((code) => !documented.includes(`\`${code}\``))).toEqual([]);
  });

  it('says why a connection is closed', () => {
    expect(closeReasons.length).toBeGreaterThan(10);
    expect(closeReasons.filter((reason) => !documented.includes(`| \`${reason}\``))).toEqual([]);
  });
});
