import type { Command } from 'commander';
import { parseSecondsAsMs } from '../arguments.ts';
import { refuseConnectionOptions } from '../connection-options.ts';
import { defaultServerDirectory } from '../directories.ts';
import type { Finding, Verdict } from '../doctor/finding.ts';
import { UsageError, exitCode } from '../exit-code.ts';
import { serverFiles } from '../new-server.ts';
import { printJson, printLine, shown, styled } from '../output.ts';
import { exists } from '../private-files.ts';

interface DoctorOptions {
  /** In ms. */
  readonly timeout?: number;
  readonly json?: boolean;
}

const defaultTimeoutMs = 5000;

const styles = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

const findConfig = async (given: string | undefined): Promise<string> => {
  if (given !== undefined) return given;
  const { config } = serverFiles(defaultServerDirectory());
  if (await exists(config)) return config;
  throw new UsageError(
    "There is no server without a configuration here: name a configuration, or make one with 'clacks init'.",
  );
};

const count = (findings: readonly Finding[], verdict: Verdict): number =>
  findings.filter((finding) => finding.verdict === verdict).length;

const printFindings = (findings: readonly Finding[]): void => {
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { verdict, check, message, mend } of findings) {
    const label = styled(styles[verdict], verdict.padEnd(4));
    printLine(`${label}  ${check.padEnd(width)}  ${shown(message)}`);
    if (mend !== undefined) printLine(`${' '.repeat(6 + width)}  to mend it: ${shown(mend)}`);
  }
  printLine(
    `${count(findings, 'ok')} ok, ${count(findings, 'warn')} to look at, ${count(findings, 'fail')} wrong`,
  );
};

/** Adds `clacks doctor`. */
export const addDoctorCommand = (program: Command): void => {
  program
    .command('doctor')
    .description('look for what is wrong with a server, and say what mends it')
    .argument('[config]', 'XML configuration; without one: that of the server without one')
    .option(
      '--timeout <seconds>',
      'how long to wait for each answer (default: 5)',
      parseSecondsAsMs,
    )
    .option('--json', 'print JSON: {"config","ok","findings"}')
    .addHelpText(
      'after',
      `
Looks at the configuration, certificates and keys, rights of files, disk space, the limit of open files,
ports and sockets, the admin HTTP, the master and its clock, whether the server runs or not. It changes
nothing; at the master it links for a moment, which that one's log tells. Run it as the user of the
server, on its machine. The exit code is 1 if something is wrong.

Examples:
  clacks doctor
  clacks doctor /etc/clacks/clacks.xml
  clacks doctor --json clacks_slave.xml`,
    )
    .action(async (given: string | undefined, options: DoctorOptions, command: Command) => {
      refuseConnectionOptions(command);
      const { timeout = defaultTimeoutMs, json = false } = options;
      const config = await findConfig(given);
      const { examine } = await import('../doctor/examination.ts');
      const findings = await examine(config, timeout);
      const ok = count(findings, 'fail') === 0;
      if (json) printJson({ config, ok, findings });
      else printFindings(findings);
      process.exitCode = ok ? exitCode.ok : exitCode.failed;
    });
};
