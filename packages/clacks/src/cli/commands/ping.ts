import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { ClacksError } from '@clacks/protocol';
import type { Client } from '@clacks/client';
import { parseCount, parseSecondsAsMs } from '../arguments.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { formatAddress } from '../connection-url.ts';
import { exitCode } from '../exit-code.ts';
import { Waiting } from '../interrupt.ts';
import { printJson, printLine } from '../output.ts';
import { RoundTrips } from '../round-trips.ts';
import type { RoundTripSummary } from '../round-trips.ts';
import { connectClient } from '../with-client.ts';

interface PingOptions {
  readonly count?: number;
  /** In ms. */
  readonly interval?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const defaultIntervalMs = 1000;

/** What became of one question. */
type Probe = { readonly ms: number } | { readonly lost: string };

/**
 * Asks the server for a sign of life. PING of the protocol has no answer: so it is a FLUSH, which
 * needs no permission, and which every server answers once it has handled what came before it on this
 * connection; there is nothing before it, and so nothing to be kept on a disk.
 */
const probe = async (client: Client): Promise<Probe> => {
  const sentAtMs = performance.now();
  try {
    await client.flush();
    return { ms: performance.now() - sentAtMs };
  } catch (error) {
    if (error instanceof ClacksError) return { lost: error.message };
    throw error;
  }
};

const printProbe = (result: Probe, seq: number, where: string, json: boolean): void => {
  if (json) {
    printJson('ms' in result ? { seq, ms: Number(result.ms.toFixed(3)) } : { seq, ...result });
  } else if ('ms' in result) {
    printLine(`answer from ${where}: seq=${seq} time=${result.ms.toFixed(3)} ms`);
  } else {
    printLine(`no answer from ${where}: seq=${seq}: ${result.lost}`);
  }
};

const printSummary = (summary: RoundTripSummary, where: string): void => {
  const { sent, answered, lost, minMs, p50Ms, p90Ms, p99Ms, maxMs } = summary;
  const percent = sent === 0 ? 0 : (lost * 100) / sent;
  printLine(`--- ${where}`);
  printLine(`${sent} sent, ${answered} answered, ${lost} lost (${Number(percent.toFixed(1))} %)`);
  if (minMs === undefined) return;
  printLine(`min ${minMs}  p50 ${p50Ms}  p90 ${p90Ms}  p99 ${p99Ms}  max ${maxMs} ms`);
};

const pingAll = async (
  client: Client,
  { count = Infinity, interval = defaultIntervalMs, json = false, quiet = false }: PingOptions,
  where: string,
): Promise<void> => {
  const waiting = new Waiting();
  const trips = new RoundTrips();
  const stop = new AbortController();
  const probeAll = async (): Promise<void> => {
    for (let seq = 1; seq <= count && !waiting.isOver; seq++) {
      const beganAtMs = performance.now();
      const result = await probe(client);
      // One that is under way at the end is neither answered nor lost.
      if (stop.signal.aborted) return;
      if ('ms' in result) trips.answered(result.ms);
      else trips.lost();
      if (!quiet) printProbe(result, seq, where, json);
      if (seq === count) break;
      const leftMs = interval - (performance.now() - beganAtMs);
      await delay(Math.max(0, leftMs), undefined, { signal: stop.signal }).catch(() => undefined);
    }
    waiting.end(trips.summary.lost === 0 ? exitCode.ok : exitCode.failed);
  };
  probeAll().catch((error: unknown) => {
    waiting.fail(error as Error);
  });
  client.on('closed', ({ error }) => {
    if (error !== undefined) waiting.fail(error);
  });
  try {
    process.exitCode = await waiting.over;
  } finally {
    stop.abort();
    if (json) printJson(trips.summary);
    else printSummary(trips.summary, where);
  }
};

/** Adds `clacks ping`. */
export const addPingCommand = (program: Command): void => {
  const command = program
    .command('ping')
    .description('measure how long the server takes to answer')
    .option('-c, --count <number>', 'end after so many', parseCount)
    .option('-i, --interval <seconds>', 'from one to the next (default: 1)', parseSecondsAsMs)
    .option('--json', 'print a line of JSON for each, and one for all')
    .option('-q, --quiet', 'print only what it was in all')
    .addHelpText(
      'after',
      `
Times are those of a line to the server and its answer, over a connection that is there already. What is
not answered within --timeout, or while the connection is lost, counts as lost; it connects again.
It goes on until Ctrl-C (exit code 130); with --count the exit code is 1 if one was lost. No permission
is needed.

Examples:
  clacks ping
  clacks ping -c 1000 -i 0.01 --quiet
  clacks ping --count 5 --json --timeout 2`,
    )
    .action(async (options: PingOptions, self: Command) => {
      const { client, settings } = await connectClient(self, { reconnect: true });
      try {
        await pingAll(client, options, formatAddress(settings.address));
      } finally {
        client.destroy();
      }
    });
  addConnectionOptions(command);
};
