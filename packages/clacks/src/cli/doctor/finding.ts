/** How it stands with something. */
export type Verdict = 'ok' | 'warn' | 'fail';

/** What `clacks doctor` found out about one thing. */
export interface Finding {
  readonly verdict: Verdict;
  /** What was looked at. */
  readonly check: string;
  readonly message: string;
  /** What to do about it, of what is not ok. */
  readonly mend?: string;
}

/** Makes the findings of one check. */
export class Check {
  readonly #name: string;
  readonly #findings: Finding[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** All so far, in the order in which they were found. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** It is as it should be. */
  ok(message: string): void {
    this.#findings.push({ verdict: 'ok', check: this.#name, message });
  }

  /** It works, but somebody should look at it. */
  warn(message: string, mend: string): void {
    this.#findings.push({ verdict: 'warn', check: this.#name, message, mend });
  }

  /** It does not work, or is not safe. */
  fail(message: string, mend: string): void {
    this.#findings.push({ verdict: 'fail', check: this.#name, message, mend });
  }
}

/** What the system, or OpenSSL, says. */
export const reasonOf = (error: unknown): string => {
  // Of several addresses that were tried only the attempts say what was wrong.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  const one = first ?? error;
  if (!(one instanceof Error)) return String(one);
  return one.name === 'TimeoutError' ? 'no answer in time' : one.message;
};
