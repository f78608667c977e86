import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ConnectOptions } from '@clacks/client';

const inExamples = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** What every example takes on its command line; the defaults are those of the article. */
export interface ExampleArguments {
  readonly connection: ConnectOptions;
  /** How long the clock's minute is, in ms. */
  readonly minuteMs: number;
  /** The configuration of the demo's server. */
  readonly config: string;
}

/**
 * Reads the command line of an example.
 *
 * @param name - What the example calls itself towards the server.
 */
export const readArguments = (name: string): ExampleArguments => {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '49888' },
      ca: { type: 'string', default: inExamples('exampleserver.crt') },
      config: { type: 'string', default: inExamples('clacks_demo.xml') },
      'minute-ms': { type: 'string', default: '60000' },
    },
  });
  return {
    connection: {
      host: values.host,
      port: Number(values.port),
      username: 'exampleuser',
      password: 'unsafepassword',
      name,
      // The certificate of the article's server is self-signed: we trust exactly that one.
      tls: { ca: readFileSync(values.ca, 'utf8') },
    },
    minuteMs: Number(values['minute-ms']),
    config: values.config,
  };
};
