import { setImmediate as nextTurn } from 'node:timers/promises';

/** Names that are looked at in one go: some ms, so that nobody has to wait for all of them. */
const sliceSize = 4096;

/** Puts sorted lists together; what comes more than once is there once. */
const merge = async (left: readonly string[], right: readonly string[]): Promise<string[]> => {
  const merged: string[] = [];
  let [fromLeft, fromRight] = [0, 0];
  for (let taken = 1; fromLeft < left.length || fromRight < right.length; taken++) {
    const [one, other] = [left[fromLeft], right[fromRight]];
    const isLeft = other === undefined || (one !== undefined && one <= other);
    const name = isLeft ? one : other;
    if (isLeft) fromLeft++;
    else fromRight++;
    if (name !== undefined && name !== merged.at(-1)) merged.push(name);
    if (taken % (sliceSize * 4) === 0) await nextTurn();
  }
  return merged;
};

/**
 * Sorts names, a part in each turn of the event loop.
 *
 * @param names - Some may come and go meanwhile.
 * @returns Each once, in byte order of wire strings.
 */
export const sortNames = async (names: Iterable<string>): Promise<readonly string[]> => {
  const runs: string[][] = [];
  let run: string[] = [];
  for (const name of names) {
    run.push(name);
    if (run.length < sliceSize) continue;
    runs.push(run.sort());
    run = [];
    await nextTurn();
  }
  runs.push(run.sort());
  for (;;) {
    const [left = [], right] = runs.splice(0, 2);
    if (right === undefined) return left;
    runs.push(await merge(left, right));
  }
};
