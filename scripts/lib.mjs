// What the scripts share. Plain JavaScript without dependencies: it runs before anything is
// installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const dashboard = path.join(root, 'packages', 'dashboard');

const minimum = [20, 19];

/** Ends with a message for people. */
export const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const checkNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > minimum[0] || (major === minimum[0] && minor >= minimum[1])) return;
  fail(`Node.js ${minimum.join('.')} or newer is needed; this is ${process.versions.node}.`);
};

/** Runs a command with its output on ours and resolves to its exit code. */
export const run = (command, args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    child.on('error', (error) => fail(`Cannot run ${command}: ${error.message}`));
    child.on('close', (code, signal) => resolve(signal === null ? code : 128));
  });

/** Runs a command and ends if it fails. */
export const mustRun = async (what, command, args, options) => {
  const code = await run(command, args, options);
  if (code !== 0) fail(`${what} failed: ${command} ${args.join(' ')} (exit code ${code})`);
};

/** Runs a tool of node_modules and ends if it fails. */
export const mustRunTool = (what, tool, args, options) =>
  mustRun(what, path.join(root, 'node_modules', '.bin', tool), args, options);

/** Builds everything: the programs, and the page that the server brings with it. */
export const build = async (options) => {
  await mustRunTool('Building', 'tsc', ['--build'], options);
  await mustRunTool(
    'Building the page',
    'vite',
    ['build', '--logLevel', 'warn', dashboard],
    options,
  );
};

/**
 * Installs the dependencies that the lockfile names, unless that has been done, and builds.
 * Everything it prints goes to standard error, so that a demo's output can be read by a program.
 */
export const setUp = async () => {
  checkNode();
  const stdio = ['ignore', process.stderr, process.stderr];
  const lockfile = readFileSync(path.join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lockfile).digest('hex');
  const stamp = path.join(root, 'node_modules', '.installed-lockfile');
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (installed !== wanted) {
    await mustRun('Installing', 'npm', ['ci', '--no-audit', '--no-fund'], { stdio });
    writeFileSync(stamp, wanted);
  }
  await build({ stdio });
};
