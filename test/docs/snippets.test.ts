import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = path.dirname(path.dirname(import.meta.dirname));

const pages = [
  'README.md',
  ...['protocol', 'client', 'clacks'].map((name) => `packages/${name}/README.md`),
  ...readdirSync(path.join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

const read = (page: string): string => readFileSync(path.join(root, page), 'utf8');

const snippets = pages.flatMap((page) =>
  [...read(page).matchAll(/```ts\n(.*?)```/gsu)].map(([, code = ''], index) => ({
    name: `${page} (${index + 1})`,
    code,
  })),
);

/** Type-checks a program as if it lay in the examples, which know the packages. */
const errorsOf = (code: string): string[] => {
  const file = path.join(root, 'examples', 'src', 'snippet.ts');
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  };
  const base = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...base,
    fileExists: (name) => name === file || base.fileExists(name),
    getSourceFile: (name, version) =>
      name === file ? ts.createSourceFile(name, code, version) : base.getSourceFile(name, version),
  };
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
};

describe('the documentation', () => {
  it.each(snippets)('$name compiles', ({ code }) => {
    expect(errorsOf(code)).toEqual([]);
  });

  it('and a wrong snippet would not', () => {
    expect(errorsOf("import { connect } from '@clacks/client'; connect(5);")).not.toEqual([]);
  });

  it.each(pages)('%s links to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/gu)];
    const missing = links
      .map(([, target = '']) => path.join(root, path.dirname(page), target))
      .filter((target) => !existsSync(target));
    expect(missing).toEqual([]);
  });
});
