import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { LineBuffer } from '../../src/http/line-buffer.ts';
import { NameMeter } from '../../src/http/name-meter.ts';
import type { AdminPort, AdminUser } from '../../src/http/ports.ts';
import { SignalSampler } from '../../src/http/signal-sampler.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const mebibyte = 1024 * 1024;
/** Node holds longer ones outside of the heap. */
const valueBytes = mebibyte / 2;
const count = 400;

const heapBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

/** Bytes as they come in: in one piece, of which parts are cut out. */
const received = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

/** What is held when 200 MiB have gone through, in MiB. */
const heldMiB = (take: (lines: string) => void): number => {
  const before = heapBytes();
  for (let index = 0; index < count; index++) {
    take(received(`SET Kitchen::Temperature::${index}=${'x'.repeat(valueBytes)}\r\n`));
  }
  return (heapBytes() - before) / mebibyte;
};

it('of signals that a page is shown, no more is held than is shown', () => {
  const sampler = new SignalSampler(count);
  expect(
    heldMiB((lines) => {
      sampler.add(lines);
    }),
  ).toBeLessThan(50);
  const { items = [] } = sampler.take() ?? {};
  expect(items).toHaveLength(count);
  expect(items[0]).toMatchObject({ name: 'Kitchen::Temperature::0', bytes: valueBytes });
});

it('of signals that are counted by name, the names alone are held', async () => {
  let tapped: (lines: string) => void = () => undefined;
  const port: Pick<AdminPort, 'tap' | 'listenersOf'> = {
    tap: (receive) => {
      tapped = receive;
      return () => undefined;
    },
    listenersOf: () => 0,
  };
  const user: Pick<AdminUser, 'readable'> = { readable: undefined };
  const meter = new NameMeter(port as AdminPort, () => 0);
  await meter.top(user as AdminUser, 1);
  expect(
    heldMiB((lines) => {
      tapped(lines);
    }),
  ).toBeLessThan(50);
  expect((await meter.top(user as AdminUser, count)).items).toHaveLength(count);
});

it('of answers that wait, those lines alone are held that are shown', () => {
  const buffer = new LineBuffer();
  const held = heldMiB((lines) => {
    // The short one is kept; the long one is left out, but for the first.
    buffer.add(`${lines.slice(0, 40).replace('=', ' ')}\r\n${lines}`);
  });
  expect(held).toBeLessThan(50);
  const { lines, leftOut } = buffer.take();
  expect([lines.length, leftOut]).toEqual([count + 1, count - 1]);
});
