/** A name that one sender signals numbers on, counting up. */
export class Topic {
  readonly name: string;
  /** The last number that was sent. */
  sent = 0;
  /** The last number of which the sender knows that its node has handled it. */
  handled = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** The lines of the next signals. */
  next(count: number): string {
    let lines = '';
    for (let index = 0; index < count; index++) lines += `SET ${this.name}=${++this.sent}\r\n`;
    return lines;
  }
}

const mostFaults = 50;

/** What went wrong, in words: the first ones, and how many there were. */
export class Faults {
  readonly list: string[] = [];
  count = 0;

  add(fault: string): void {
    this.count++;
    if (this.list.length < mostFaults) this.list.push(fault);
  }
}

/** Checks that somebody who listens gets every number once and in order. */
export class NumberCheck {
  readonly #topic: Topic;
  readonly #faults: Faults;
  #last: number | undefined;
  #first: number | undefined;
  deliveries = 0;

  constructor(topic: Topic, faults: Faults) {
    this.#topic = topic;
    this.#faults = faults;
  }

  /** What is sent from now on must come. What was sent before may. */
  begin(): void {
    this.#first = this.#topic.sent + 1;
  }

  received(number: number): void {
    this.deliveries++;
    const last = this.#last;
    this.#last = number;
    if (last === undefined ? !(number > (this.#first ?? Infinity)) : number === last + 1) return;
    const expected = last === undefined ? `${this.#first ?? 0} or less` : `${last + 1}`;
    this.#faults.add(`${this.#topic.name}: got ${number}, expected ${expected}`);
  }

  /** Everything up to that number must have come by now. */
  mustHave(number: number): void {
    if (this.#first === undefined || number < this.#first) return;
    if (this.#last !== undefined && this.#last >= number) return;
    this.#faults.add(`${this.#topic.name}: got ${this.#last ?? 'nothing'}, ${number} is missing`);
  }
}
