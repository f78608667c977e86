import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = path.dirname(path.dirname(import.meta.dirname));
const folders = ['packages/protocol', 'packages/client', 'packages/clacks', 'examples', 'bench'];

/** The files that a file imports when it runs. Importing types alone leaves no trace. */
const importsOf = (file: string): string[] => {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const isType = ts.isImportDeclaration(statement)
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    const { moduleSpecifier } = statement;
    if (isType || moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
    return moduleSpecifier.text.startsWith('.')
      ? [path.resolve(path.dirname(file), moduleSpecifier.text)]
      : [];
  });
};

/** The first circle of imports, as a list of files; empty if there is none. */
const findCircle = (imports: ReadonlyMap<string, readonly string[]>): string[] => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const imported of imports.get(file) ?? []) {
      const circle = visit(imported, [...way, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
};

describe('files import each other in one direction only', () => {
  it.each(folders)('in %s', (folder) => {
    const directory = path.join(root, folder, 'src');
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.join(directory, file));
    const imports = new Map(files.map((file) => [file, importsOf(file)]));
    expect(imports.size).toBeGreaterThan(0);
    expect(findCircle(imports)).toEqual([]);
  });

  it('and a circle would be found', () => {
    const imports = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ]);
    expect(findCircle(imports)).toEqual(['b', 'c', 'b']);
  });
});
