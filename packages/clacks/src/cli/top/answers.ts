import { z } from 'zod';

/** Most connections and names that are asked for. */
export const itemsMax = 500;

const number = z.number();
const text = z.string();
const flag = z.boolean();

const rates = {
  linesReceivedPerS: number,
  linesSentPerS: number,
  bytesReceivedPerS: number,
  bytesSentPerS: number,
};

const connection = z.looseObject({
  ...{ id: text, name: text, username: text, sinceMs: number, listens: number },
  ...rates,
  outbufferBytes: number,
});

const name = z.looseObject({
  name: text,
  signalsPerS: number,
  bytesPerS: number,
  listeners: number,
});

const link = z.looseObject({
  ...{ name: text, direction: text, address: text, state: text, connectionId: text },
  lagMs: number.optional(),
  clockOffsetMs: number.optional(),
});

const overview = z.looseObject({
  ...{ name: text, version: text, role: text, uptimeMs: number },
  isReady: flag,
  problems: z.array(text),
  connections: z.looseObject({ open: number, byTransport: z.record(text, number) }),
  ...{ links: number, listens: number, bufferedBytes: number },
  cache: z.looseObject({ entries: number, bytes: number }),
  lastSecond: z.looseObject({
    ...rates,
    eventLoopDelayP50Ms: number,
    eventLoopDelayP99Ms: number,
    eventLoopDelayMaxMs: number,
    storeCommitMaxMs: number,
  }),
});

/** What each answer has to hold of what is shown: it may come from another version, or from something else. */
export const answers = {
  session: z.looseObject({ username: text, read: flag, manage: flag }),
  overview,
  connections: z.looseObject({ total: number, items: z.array(connection).max(itemsMax) }),
  names: z.looseObject({ items: z.array(name).max(itemsMax) }),
  nodes: z.looseObject({
    links: z.array(link),
    master: z.looseObject({ address: text, isLinked: flag }).optional(),
  }),
};
