import { checkCertificates } from './certificates.ts';
import { checkConfiguration } from './configuration.ts';
import { checkDataDirectory } from './data-directory.ts';
import type { Finding } from './finding.ts';
import { checkHttp } from './http.ts';
import { checkListeners } from './listeners.ts';
import { checkMaster } from './master.ts';
import { checkOpenFiles } from './open-files.ts';

/**
 * Looks at everything that a server with that configuration needs, and at the one that runs, if one
 * does. Changes nothing.
 *
 * @param timeoutMs - How long each answer may take.
 */
export const examine = async (file: string, timeoutMs: number): Promise<readonly Finding[]> => {
  const { loaded, findings } = await checkConfiguration(file);
  if (loaded === undefined) return findings;
  const { config } = loaded;
  const certificates = await checkCertificates(loaded);
  const dataDirectory = await checkDataDirectory(config);
  const listeners = await checkListeners(config, timeoutMs);
  const http = await checkHttp(config, timeoutMs, listeners.isRunning);
  const openFiles = await checkOpenFiles(config, http.openFilesMax);
  const master = await checkMaster(config, timeoutMs);
  return [
    ...findings,
    ...certificates,
    ...dataDirectory,
    ...openFiles,
    ...listeners.findings,
    ...http.findings,
    ...master,
  ];
};
