/** What browsers have of a port. */
interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
}

/** Browsers have no setImmediate, and let a timer of a page that is not seen wait for up to a minute. */
const newTurns = (): ((task: () => void) => void) => {
  const { port1, port2 } = new MessageChannel() as unknown as { port1: Port; port2: Port };
  let tasks: (() => void)[] = [];
  port1.onmessage = () => {
    const due = tasks;
    tasks = [];
    for (const task of due) task();
  };
  return (task) => {
    if (tasks.push(task) === 1) port2.postMessage(undefined);
  };
};

let browserTurns: ReturnType<typeof newTurns> | undefined;

/**
 * Calls a function when this turn of the event loop is over: everything that one turn writes goes
 * out together. A microtask would come too early: a loop that awaits each write would pay for a
 * system call, and a TLS record, for each line.
 */
export const nextTurn: (task: () => void) => void =
  typeof setImmediate === 'function'
    ? (task) => {
        setImmediate(task);
      }
    : (task) => {
        browserTurns ??= newTurns();
        browserTurns(task);
      };
