import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import type { CertificateOptions } from '../../../../test/support/certificate.ts';
import { freePort } from '../../../../test/support/free-port.ts';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import type { Sandbox } from './sandbox.ts';

/** What `clacks doctor --json` says, and its exit code. */
export interface Report {
  readonly code: number | null;
  readonly config: string;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** What is in a configuration of a test, where it is not as usual. */
export interface Content {
  readonly port?: number;
  readonly password?: string;
  readonly ip?: string;
  /** The base name of certificate and key. */
  readonly ssl?: string;
  readonly maxConnections?: number;
  /** More elements, from line 6 on. */
  readonly xml?: string;
}

/** A directory with a configuration, and with a certificate and key of the name `own`. */
export class Patient {
  readonly directory: string;
  readonly #sandbox: Sandbox;

  private constructor(sandbox: Sandbox, directory: string) {
    this.#sandbox = sandbox;
    this.directory = directory;
  }

  static async create(sandbox: Sandbox, name: string): Promise<Patient> {
    const patient = new Patient(sandbox, sandbox.path(name));
    await mkdir(patient.directory);
    await patient.writePair('own');
    return patient;
  }

  /** A path in its directory. */
  path(name: string): string {
    return path.join(this.directory, name);
  }

  /** Makes a certificate and its key. */
  async writePair(name: string, options: CertificateOptions = {}): Promise<void> {
    const { cert, key } = await makeCertificate(name, options);
    await writeFile(this.path(`${name}.crt`), cert);
    await writeFile(this.path(`${name}.key`), key, { mode: 0o600 });
  }

  /** Writes the configuration; without a port in it, on one that is free. */
  async configure(content: Content = {}): Promise<string> {
    const { ip = '127.0.0.1', password = 'adminpass', ssl = 'own', maxConnections = 100 } = content;
    const { port = await freePort(), xml = '' } = content;
    const file = this.path('clacks.xml');
    const text = `<clacks>
<ip>${ip}</ip><port>${port}</port>
<ssl cert="${ssl}.crt" key="${ssl}.key"/>
<username>admin</username><password>${password}</password>
<maxconnections>${maxConnections}</maxconnections>
${xml}
</clacks>`;
    await writeFile(file, text, { mode: 0o600 });
    return file;
  }

  /** Runs `clacks doctor` for a configuration file. */
  async examine(file: string, more: readonly string[] = []): Promise<Report> {
    const { code, stdout, stderr } = await this.#sandbox.run(['doctor', '--json', ...more, file]);
    expect(stderr).toBe('');
    return { code, ...(JSON.parse(stdout) as Omit<Report, 'code'>) };
  }

  /** Configures it, and looks what is wrong with it. */
  async examineWith(content: Content, more: readonly string[] = []): Promise<Report> {
    return this.examine(await this.configure(content), more);
  }
}

/** Lines such as `fail listener: …`, of all checks or of one. */
export const told = ({ findings }: Report, check?: string): string[] =>
  findings
    .filter((finding) => check === undefined || finding.check === check)
    .map((finding) => `${finding.verdict} ${finding.check}: ${finding.message}`);

/** Expects one finding that is not ok, and that it can be mended. */
export const expectOnly = (report: Report, pattern: RegExp): void => {
  const [wrong, ...others] = report.findings.filter(({ verdict }) => verdict !== 'ok');
  expect(others).toEqual([]);
  expect(`${wrong?.verdict ?? ''} ${wrong?.check ?? ''}: ${wrong?.message ?? ''}`).toMatch(pattern);
  expect(wrong?.mend).toMatch(/\w/u);
  const isFailure = wrong?.verdict === 'fail';
  expect({ code: report.code, ok: report.ok }).toEqual({
    code: isFailure ? 1 : 0,
    ok: !isFailure,
  });
};
