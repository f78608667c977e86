import type { Logger } from 'pino';
import type { BrokerEvents } from '../broker/ports.ts';
import { linesOfUsual } from './bounded-log.ts';
import type { BoundedLog } from './bounded-log.ts';
import type { LoginLog } from './login-log.ts';
import { printable } from './printable.ts';
import type { Statistics } from './statistics.ts';

/** Characters of a client's text that are logged. */
const maxTextLength = 256;

/** Who hears of what happens in a broker. */
interface Surroundings {
  readonly logger: Logger;
  readonly loginLog: LoginLog;
  readonly boundedLog: BoundedLog;
  readonly shutdownRequested: () => void;
  readonly reloadRequested: BrokerEvents['reloadRequested'];
}

/** Logs and counts what happens in a broker. */
export const brokerEvents = (
  { logger, loginLog, boundedLog, shutdownRequested, reloadRequested }: Surroundings,
  statistics: Statistics,
): BrokerEvents => ({
  loginFailed: (connection, username, error) => {
    statistics.loginsFailed++;
    loginLog.failed(connection, username, error);
  },
  loggedIn: (cid, username) => {
    statistics.loginsSucceeded++;
    boundedLog.tell('info', { cid, username: printable(username) }, 'logged in', linesOfUsual);
  },
  errorReceived: (cid, text) => {
    boundedLog.tell(
      'warn',
      { cid, text: printable(text.slice(0, maxTextLength)) },
      'client reports an error',
    );
  },
  reloadRequested: (cid, done) => {
    logger.info({ cid }, 'a client asks for the configuration to be read anew');
    reloadRequested(cid, done);
  },
  shutdownRequested: (cid) => {
    logger.warn({ cid }, 'shutdown requested by a client');
    shutdownRequested();
  },
  storeFailed: (reason) => {
    statistics.storeFailure = reason;
    logger.error({ reason }, 'changes of the cache cannot be kept: they are in memory only');
  },
  storeRecovered: () => {
    statistics.storeFailure = undefined;
    logger.info('changes of the cache are kept again');
  },
  evicted: (entries) => {
    logger.warn({ entries }, 'the cache is full: forgot what was used longest ago');
  },
});
