import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../config/config-error.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { modeOpenToOthers } from '../../config/private-file.ts';
import type { ServerConfig } from '../../config/schema.ts';
import { readHttpSettings } from '../../server/http-settings.ts';
import { readMaster } from '../../server/master.ts';
import { readTlsSettings } from '../../server/tls-files.ts';
import { Check, reasonOf } from './finding.ts';
import type { Finding } from './finding.ts';

const dayMs = 24 * 3600 * 1000;
/** So long before its end somebody should think of a certificate, in days. */
const warnDays = 30;

const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

const renew = 'make a new one with: clacks cert --force; then: clacks reload';

const pemPattern = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;

const day = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** Certificates of a file, the first one being that of its owner. */
const readChain = async (file: string): Promise<X509Certificate[]> =>
  ((await readFile(file, 'utf8')).match(pemPattern) ?? []).map((pem) => new X509Certificate(pem));

const checkDates = async (check: Check, file: string, mend: string): Promise<void> => {
  let chain: readonly X509Certificate[];
  try {
    chain = await readChain(file);
  } catch (error) {
    check.fail(`${file} cannot be read: ${reasonOf(error)}`, mend);
    return;
  }
  if (chain.length === 0) {
    check.fail(`there is no certificate in ${file}`, mend);
    return;
  }
  const nowMs = Date.now();
  const endMs = Math.min(...chain.map(({ validTo }) => Date.parse(validTo)));
  const beginMs = Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom)));
  const days = Math.floor((endMs - nowMs) / dayMs);
  if (endMs <= nowMs) check.fail(`${file} has run out on ${day(endMs)}`, mend);
  else if (beginMs > nowMs) {
    check.fail(`${file} is not valid before ${day(beginMs)}`, `set the clock right, or ${mend}`);
  } else if (days < warnDays) {
    check.warn(`${file} runs out in ${days} days, on ${day(endMs)}`, mend);
  } else check.ok(`${file} is valid until ${day(endMs)}`);
};

const isGoodFor = (certificate: X509Certificate, host: string): boolean =>
  (certificate.checkIP(host) ?? certificate.checkHost(host)) !== undefined;

/** Clients that do not pin the certificate compare its names with the address that they use. */
const checkNames = async (check: Check, file: string, ips: readonly string[]): Promise<void> => {
  const [certificate] = await readChain(file);
  if (certificate === undefined) return;
  const missing = ips.filter((ip) => !anyAddress.has(ip) && !isGoodFor(certificate, ip));
  if (missing.length === 0) return;
  check.warn(
    `${file} is not good for ${missing.join(', ')}: clients refuse it there, unless they know its fingerprint`,
    `make one that is, with: clacks cert ${missing.join(' ')}`,
  );
};

const checkKeyRights = async (check: Check, file: string | undefined): Promise<void> => {
  if (file === undefined) return;
  const mode = await modeOpenToOthers(file);
  if (mode === undefined) check.ok(`${file} is private`);
  else check.fail(`others can read the key ${file} (mode ${mode})`, `chmod 600 ${file}`);
};

/** Runs what a server runs at its start, and tells what it would fail with. */
const checkUse = async (
  check: Check,
  { locate }: LoadedConfig,
  read: () => Promise<unknown>,
  good: string,
): Promise<boolean> => {
  try {
    await read();
    check.ok(good);
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    check.fail(locate(error).message, 'make certificate and key anew with: clacks cert');
    return false;
  }
};

const checkServer = async (loaded: LoadedConfig, config: ServerConfig): Promise<Check> => {
  const check = new Check('certificate');
  const { tls, ips } = config;
  if (tls === undefined) return check;
  const { certFile, keyFile, caFile } = tls;
  const good = `${certFile} and ${keyFile} belong together`;
  const use = () => readTlsSettings({ ...config, tls });
  if (await checkUse(check, loaded, use, good)) await checkNames(check, certFile, ips);
  await checkDates(check, certFile, renew);
  if (caFile !== undefined) {
    await checkDates(check, caFile, 'ask who signs the certificates of your clients for a new one');
  }
  await checkKeyRights(check, keyFile);
  return check;
};

const checkHttp = async (loaded: LoadedConfig, config: ServerConfig): Promise<Check> => {
  const check = new Check('http certificate');
  const { certFile, keyFile } = config.http ?? {};
  if (certFile === undefined || keyFile === undefined) return check;
  const good = `${certFile} and ${keyFile} belong together`;
  await checkUse(check, loaded, () => readHttpSettings(config, undefined), good);
  await checkDates(check, certFile, renew);
  await checkKeyRights(check, keyFile);
  return check;
};

const checkMaster = async (loaded: LoadedConfig, config: ServerConfig): Promise<Check> => {
  const check = new Check('master certificate');
  const { caFile, certFile, keyFile } = config.master ?? {};
  if (caFile !== undefined) {
    await checkDates(check, caFile, "ask the master's administrator for its new one");
  }
  if (certFile === undefined || keyFile === undefined) return check;
  const good = `${certFile} and ${keyFile} belong together`;
  await checkUse(check, loaded, () => readMaster(config), good);
  await checkDates(check, certFile, "ask the master's administrator for a new one");
  await checkKeyRights(check, keyFile);
  return check;
};

/** Looks at every certificate and key that a configuration names. */
export const checkCertificates = async (loaded: LoadedConfig): Promise<readonly Finding[]> => {
  const { config } = loaded;
  const checks = [
    await checkServer(loaded, config),
    await checkHttp(loaded, config),
    await checkMaster(loaded, config),
  ];
  return checks.flatMap(({ findings }) => findings);
};
