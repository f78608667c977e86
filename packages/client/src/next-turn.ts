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
    : // Browsers have no setImmediate.
      (task) => {
        setTimeout(task, 0);
      };
