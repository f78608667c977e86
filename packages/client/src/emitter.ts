/** A function that is called for each event of a kind. */
export type EventHandler<Event> = (event: Event) => void;

interface Registration {
  readonly handler: EventHandler<never>;
  readonly once: boolean;
}

/** Named events with typed contents. */
export class Emitter<Events extends object> {
  /** The arrays are replaced, never changed, so that a handler may come or go while one is called. */
  readonly #handlers = new Map<keyof Events, readonly Registration[]>();

  /**
   * Calls the handler for each event of that name.
   *
   * @returns A function that ends this.
   */
  on<Name extends keyof Events>(name: Name, handler: EventHandler<Events[Name]>): () => void {
    return this.#add(name, { handler, once: false });
  }

  /** Calls the handler for the next event of that name only. */
  once<Name extends keyof Events>(name: Name, handler: EventHandler<Events[Name]>): () => void {
    return this.#add(name, { handler, once: true });
  }

  /** Calls the handler no longer. */
  off<Name extends keyof Events>(name: Name, handler: EventHandler<Events[Name]>): void {
    this.#keep(name, (registration) => registration.handler !== handler);
  }

  /** Whether anybody handles events of that name. */
  protected isHandled(name: keyof Events): boolean {
    return this.#handlers.has(name);
  }

  /** Calls the handlers of that name. */
  protected emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const handlers = this.#handlers.get(name);
    if (handlers === undefined) return;
    for (const registration of handlers) {
      if (registration.once) this.#remove(name, registration);
      callSafely(registration.handler as EventHandler<Events[Name]>, event);
    }
  }

  #add(name: keyof Events, registration: Registration): () => void {
    this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), registration]);
    return () => {
      this.#remove(name, registration);
    };
  }

  #remove(name: keyof Events, registration: Registration): void {
    this.#keep(name, (each) => each !== registration);
  }

  #keep(name: keyof Events, isKept: (registration: Registration) => boolean): void {
    const kept = (this.#handlers.get(name) ?? []).filter(isKept);
    if (kept.length === 0) this.#handlers.delete(name);
    else this.#handlers.set(name, kept);
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
