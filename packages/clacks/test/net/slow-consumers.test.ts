import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SlowConsumers } from '../../src/net/slow-consumers.ts';

const kib = 1024;

beforeEach(() => {
  // Long after the start of the process.
  vi.spyOn(performance, 'now').mockReturnValue(1_000_000);
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Somebody for whom so much waits, and who took something so long ago. */
const newConsumer = (waitingBytes: number, agoMs: number) => {
  const consumer = {
    outbufferLength: waitingBytes,
    stalledSinceMs: performance.now() - agoMs,
    isClosed: false,
    inbufferLength: 0,
    closeSlowConsumer: () => {
      consumer.isClosed = true;
    },
    closeForInput: () => {
      consumer.isClosed = true;
    },
  };
  return consumer;
};

const shedOf = (
  consumers: readonly ReturnType<typeof newConsumer>[],
  bytes: number,
  isUrgent: boolean,
): boolean[] => {
  const slow = new SlowConsumers();
  for (const consumer of consumers) slow.add(consumer);
  slow.shed(bytes, isUrgent);
  return consumers.map(({ isClosed }) => isClosed);
};

describe('when there is no room, closed is', () => {
  it('who takes nothing, those with most first, until there is enough', () => {
    const consumers = [100, 300, 200, 400].map((many) => newConsumer(many * kib, 3000));
    expect(shedOf(consumers, 600 * kib, false)).toEqual([false, true, false, true]);
  });

  it('nobody who takes something, however much waits', () => {
    expect(shedOf([newConsumer(1000 * kib, 100)], 1000 * kib, false)).toEqual([false]);
  });

  it('who takes little as well, if that goes on', () => {
    const consumers = [newConsumer(1000 * kib, 100), newConsumer(500 * kib, 0)];
    expect(shedOf(consumers, 900 * kib, true)).toEqual([true, false]);
  });

  it('never anybody for whom hardly anything waits', () => {
    expect(shedOf([newConsumer(20, 60_000)], 1000 * kib, true)).toEqual([false]);
  });
});

describe('when there is no room for what comes in, closed is', () => {
  it('who has the longest line that does not end, but nobody with what comes in one go', () => {
    const slow = new SlowConsumers();
    const consumers = [100, 400, 300].map((many) => ({
      ...newConsumer(0, 0),
      inbufferLength: many * kib,
    }));
    const closed: number[] = [];
    for (const [index, consumer] of consumers.entries()) {
      slow.add({
        ...consumer,
        closeForInput: () => {
          closed.push(index);
          consumer.inbufferLength = 0;
        },
        get inbufferLength() {
          return consumer.inbufferLength;
        },
      });
    }
    for (let round = 0; round < 3; round++) slow.shedInput();
    expect(closed).toEqual([1, 2]);
  });
});
