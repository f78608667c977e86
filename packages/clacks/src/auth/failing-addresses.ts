import { FailingAddress } from './failing-address.ts';
import type { Pacing } from './failing-address.ts';
import { networkOf, siteOf } from './network.ts';

/** How many addresses are remembered unless told otherwise. */
const addressesMaxDefault = 10_000;
/** Among so many that were not used for longest, the one with the fewest failures is forgotten. */
const candidatesToForget = 16;
/** How much a failure counts for the /48 it came from: many may be there. */
const siteWeight = 0.1;

/**
 * The addresses from which logins failed lately: a bounded number of them. An IPv6 address stands
 * for its /64. When too many logins fail in a /48, which is what one customer has, that whole /48
 * counts as one address: changing addresses within it does not help.
 */
export class FailingAddresses {
  readonly #pacing: Pacing;
  readonly #max: number;
  /** Who was used last stands last. */
  readonly #addresses = new Map<string, FailingAddress>();

  /** @param max - How many are remembered, besides those whose logins are being checked. */
  constructor(pacing: Pacing, max = addressesMaxDefault) {
    this.#pacing = pacing;
    this.#max = max;
  }

  /** The address of a host, known from now on. */
  obtain(host: string): FailingAddress {
    const site = siteOf(host);
    const network = networkOf(host);
    const ofSite = site === network ? undefined : this.#touch(site);
    if (ofSite?.isSlow === true) return ofSite;
    return this.#touch(network) ?? this.#add(network);
  }

  /**
   * Counts a failure.
   *
   * @returns The address that is slowed down from now on, if it was not before.
   */
  fail(host: string): string | undefined {
    const site = siteOf(host);
    const network = networkOf(host);
    const isSlow = (this.#touch(network) ?? this.#add(network)).fail(1);
    if (site === network) return isSlow ? network : undefined;
    if ((this.#touch(site) ?? this.#add(site)).fail(siteWeight)) return site;
    return isSlow ? network : undefined;
  }

  #touch(name: string): FailingAddress | undefined {
    const address = this.#addresses.get(name);
    if (address === undefined) return undefined;
    this.#addresses.delete(name);
    this.#addresses.set(name, address);
    return address;
  }

  #add(name: string): FailingAddress {
    if (this.#addresses.size >= this.#max) this.#forgetOne();
    const address = new FailingAddress(this.#pacing);
    this.#addresses.set(name, address);
    return address;
  }

  /** Who tries from ever new addresses drives out those, not the one that he is known by. */
  #forgetOne(): void {
    let leastKnown: string | undefined;
    let fewest = Infinity;
    let seen = 0;
    for (const [name, { isIdle, failures }] of this.#addresses) {
      if (isIdle && failures < fewest) [leastKnown, fewest] = [name, failures];
      if (++seen === candidatesToForget) break;
    }
    if (leastKnown !== undefined) this.#addresses.delete(leastKnown);
  }
}
