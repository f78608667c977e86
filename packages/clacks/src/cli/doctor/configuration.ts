import { ConfigError } from '../../config/config-error.ts';
import { loadDocument } from '../../config/load.ts';
import type { LoadedFile } from '../../config/load.ts';
import { Check } from './finding.ts';
import type { Finding } from './finding.ts';

const mendOf = ({ line }: ConfigError): string =>
  line === undefined
    ? 'name the right file'
    : 'mend that line; docs/configuration.md has every key';

/** Reads a configuration, if it can be used, and says what is to be said of it. */
export const checkConfiguration = async (
  file: string,
): Promise<{ loaded: LoadedFile | undefined; findings: readonly Finding[] }> => {
  const check = new Check('configuration');
  try {
    const loaded = await loadDocument(file);
    const { config, openPasswords } = loaded;
    check.ok(`${loaded.file} can be used`);
    if (openPasswords !== undefined) {
      // The part behind the colon says how to mend it.
      const [message = '', mend = ''] = openPasswords.split(/: (?=chmod )/u);
      check.fail(message, mend);
    }
    for (const notice of config.notices) {
      if (notice !== openPasswords) check.warn(notice, 'see docs/configuration.md');
    }
    return { loaded, findings: check.findings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const each of [error, ...error.others]) check.fail(each.message, mendOf(each));
    return { loaded: undefined, findings: check.findings };
  }
};
