/** How many connections each host has. */
export class HostCounts {
  readonly #counts = new Map<string, number>();

  of(host: string): number {
    return this.#counts.get(host) ?? 0;
  }

  /** @param change - 1 or -1. */
  add(host: string, change: number): void {
    const count = this.of(host) + change;
    if (count === 0) this.#counts.delete(host);
    else this.#counts.set(host, count);
  }
}
