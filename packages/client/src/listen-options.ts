import type { QueueOptions } from './queue.ts';

/** Either a handler, or how signals wait for a loop, or both. */
export type HandlerOrQueue<Item> = ((item: Item) => void) | QueueOptions | undefined;

/** How a name is listened to. */
export interface ListenOptions<Item> {
  readonly handler: ((item: Item) => void) | undefined;
  readonly queue: QueueOptions;
}

/** Tells apart what may stand in the same place of the arguments. */
export const listenOptions = <Item>(
  handlerOrQueue: HandlerOrQueue<Item>,
  queue: QueueOptions,
): ListenOptions<Item> =>
  typeof handlerOrQueue === 'object'
    ? { handler: undefined, queue: handlerOrQueue }
    : { handler: handlerOrQueue, queue };
