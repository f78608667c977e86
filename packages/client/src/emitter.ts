/** A function that is called for each event of a kind. */
export type EventHandler<Event> = (event: Event) => void;

/** Named events with typed contents. */
export class Emitter<Events extends object> {
  readonly #handlers = new Map<keyof Events, Set<EventHandler<never>>>();

  /**
   * Calls the handler for each event of that name.
   *
   * @returns A function that ends this.
   */
  on<Name extends keyof Events>(name: Name, handler: EventHandler<Events[Name]>): () => void {
    let handlers = this.#handlers.get(name);
    if (handlers === undefined) {
      handlers = new Set();
      this.#handlers.set(name, handlers);
    }
    handlers.add(handler);
    return () => {
      this.off(name, handler);
    };
  }

  /** Calls the handler for the next event of that name only. */
  once<Name extends keyof Events>(name: Name, handler: EventHandler<Events[Name]>): () => void {
    const off = this.on(name, (event) => {
      off();
      handler(event);
    });
    return off;
  }

  /** Calls the handler no longer. */
  off<Name extends keyof Events>(name: Name, handler: EventHandler<Events[Name]>): void {
    this.#handlers.get(name)?.delete(handler);
  }

  /** Whether anybody handles events of that name. */
  protected isHandled(name: keyof Events): boolean {
    return (this.#handlers.get(name)?.size ?? 0) > 0;
  }

  /** Calls the handlers of that name. */
  protected emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const handlers = this.#handlers.get(name);
    if (handlers === undefined) return;
    for (const handler of handlers) callSafely(handler as EventHandler<Events[Name]>, event);
  }
}

/**
 * Calls a handler of the program. What it throws is the program's, and must not stop this
 * connection: it is thrown again outside, where uncaught errors go.
 */
export const callSafely = <Event>(handler: EventHandler<Event>, event: Event): void => {
  try {
    handler(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};
