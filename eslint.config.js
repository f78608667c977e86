import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Which folder may import which: the table of docs/architecture.md. A folder of the server package
 * may import itself, the folders listed for it, and `packages`; everything else is an error.
 */
const serverFolders = {
  broker: { folders: [], packages: ['@clacks/protocol'], node: [] },
  link: { folders: ['broker'], packages: ['@clacks/protocol'], node: [] },
  net: { folders: [], packages: ['@clacks/protocol'] },
  storage: { folders: ['broker/ports'], packages: ['@clacks/protocol'] },
  auth: { folders: ['broker/ports'], packages: ['@clacks/protocol'] },
  config: { folders: ['auth'], packages: ['@clacks/protocol'] },
  http: { folders: ['broker/ports', 'broker/detach'], packages: ['@clacks/protocol'] },
  bridge: { folders: ['broker/ports'], packages: ['@clacks/protocol', '@clacks/client'] },
  server: {
    folders: ['broker', 'link', 'net', 'storage', 'auth', 'config', 'http'],
    packages: ['@clacks/protocol'],
  },
  cli: {
    folders: ['broker', 'link', 'net', 'storage', 'auth', 'config', 'http', 'bridge', 'server'],
    packages: ['@clacks/protocol', '@clacks/client'],
  },
};

const ownPackages = ['@clacks/protocol', '@clacks/client', 'clacks'];
const sideEffectGlobals = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'performance',
  'process',
  'console',
  'fetch',
].map((name) => ({ name, message: 'This folder is pure: no I/O, no clock, no timers.' }));
const clockProperties = [
  { object: 'Date', property: 'now', message: 'The time is given to this folder, never read.' },
  { object: 'Math', property: 'random', message: 'This folder is deterministic.' },
];

const forbid = (files, patterns) => ({
  files: [files],
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});

const packageRule = (allowed) => ({
  regex: `^(?:${ownPackages.filter((name) => !allowed.includes(name)).join('|')})(?:/|$)`,
  message: 'Dependencies go in one direction only: see docs/architecture.md.',
});

const folderRules = Object.entries(serverFolders).map(([folder, { folders, packages, node }]) => {
  const reachable = folders.map((name) => name.replaceAll('/', '\\/')).join('|');
  const patterns = [
    packageRule(packages),
    {
      regex: `^(?:\\.\\./)+(?!\\.\\.)(?!(?:${folder}|${reachable || folder})(?:/|\\.))(?:${Object.keys(serverFolders).join('|')})/`,
      message: `'${folder}' may not import this folder: see docs/architecture.md.`,
    },
  ];
  if (node !== undefined) {
    patterns.push({ regex: '^node:', message: `'${folder}' is pure: give it what it needs.` });
  }
  if (folder !== 'net') {
    patterns.push({
      regex: '^node:(?:net|tls|http|https|dgram)$',
      message: 'Only the folder net opens sockets.',
      allowTypeImports: true,
    });
  }
  return forbid(`packages/clacks/src/${folder}/**/*.ts`, patterns);
});

export default defineConfig(
  { ignores: ['**/dist/', '**/.build/', 'docs/api/', 'coverage/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what you export.' },
        { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
      ],
    },
  },
  forbid('packages/protocol/src/**/*.ts', [
    packageRule([]),
    { regex: '^[^.]', message: '@clacks/protocol depends on nothing.' },
  ]),
  forbid('packages/client/src/**/*.ts', [packageRule(['@clacks/protocol'])]),
  forbid('packages/dashboard/src/**/*.{ts,tsx}', [
    packageRule(['@clacks/protocol', 'clacks']),
    { regex: '^clacks(?:/|$)', message: 'Of the server, only its types.', allowTypeImports: true },
  ]),
  ...folderRules,
  {
    files: ['protocol/src', 'clacks/src/broker', 'clacks/src/link'].map(
      (folder) => `packages/${folder}/**/*.ts`,
    ),
    rules: {
      'no-restricted-globals': ['error', ...sideEffectGlobals],
      'no-restricted-properties': ['error', ...clockProperties],
    },
  },
  {
    // A test file's one `describe` is a chapter, not a function.
    files: ['**/*.test.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  { files: ['**/*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
);
