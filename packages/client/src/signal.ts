import { decodeValue, decodeValueBytes, textFromWire } from '@clacks/protocol';

/** A signal with a value. */
export interface SetSignal {
  readonly type: 'set';
  readonly name: string;
  /** The value as text. */
  readonly value: string;
  /** The value's exact bytes. */
  readonly bytes: Uint8Array;
  /** The value as it came, not decoded: a string with one character for each byte. */
  readonly raw: string;
}

/** A signal without a value. */
export interface NotifySignal {
  readonly type: 'notify';
  readonly name: string;
}

/** What listening gives. */
export type Signal = SetSignal | NotifySignal;

class ReceivedSet implements SetSignal {
  readonly type = 'set';
  readonly name: string;
  // A property of its own, not a getter: it is what one wants to see in a log or as JSON.
  readonly value: string;
  readonly raw: string;

  constructor(name: string, raw: string) {
    this.name = name;
    this.value = decodeValue(raw);
    this.raw = raw;
  }

  get bytes(): Uint8Array {
    return decodeValueBytes(this.raw);
  }
}

/** A received SET as a signal. */
export const setSignal = (wireName: string, raw: string): Signal =>
  new ReceivedSet(textFromWire(wireName), raw);

/** A received NOTIFY as a signal. */
export const notifySignal = (wireName: string): Signal => ({
  type: 'notify',
  name: textFromWire(wireName),
});
