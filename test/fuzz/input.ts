import { randomFrom } from '../support/random.ts';
import { tokenOf } from './users.ts';

/** Who sends the bytes: what it says of itself before them. */
export const senders = {
  /** Has not logged in; does so after the bytes, so that an answer can be waited for. */
  stranger: [],
  reader: ['CLACKS fuzz', `OVERHEAD A ${tokenOf('reader')}`],
  writer: ['CLACKS fuzz', `OVERHEAD A ${tokenOf('writer')}`],
  /** The main user, who may do everything. */
  main: ['CLACKS fuzz', `OVERHEAD A ${tokenOf('main')}`],
  /** A linked node of ours. */
  node: [
    'CLACKS clacks-ts 1.0.0 in interclacks client mode',
    `OVERHEAD A ${tokenOf('main')}`,
    'OVERHEAD I 1',
    'NODE fuzz 60000',
  ],
  /** A linked node of Net::Clacks. */
  perl: ['CLACKS perl', `OVERHEAD A ${tokenOf('main')}`, 'OVERHEAD I 1'],
} as const;

/** One of {@link senders}. */
export type Sender = keyof typeof senders;

/** All of {@link senders}. */
export const senderNames = Object.keys(senders) as readonly Sender[];

/** What is sent to a server over one connection. */
export interface Input {
  readonly sender: Sender;
  /** Decides where the bytes are cut into chunks, from 0 to 255. */
  readonly cut: number;
  /** The bytes, one character each. */
  readonly bytes: string;
}

/** An input as the bytes of a file: the sender, the cut, and what is sent. */
export const encodeInput = ({ sender, cut, bytes }: Input): Buffer =>
  Buffer.concat([Buffer.from([senderNames.indexOf(sender), cut]), Buffer.from(bytes, 'latin1')]);

/** The inverse of {@link encodeInput}. Takes any bytes. */
export const decodeInput = (file: Buffer): Input => ({
  sender: senderNames[(file[0] ?? 0) % senderNames.length] ?? 'stranger',
  cut: file[1] ?? 0,
  bytes: file.toString('latin1', 2),
});

/** Up to this many bytes are sent one by one at times. */
const maxSingleBytes = 256;
const maxChunks = 12;

/** Cuts what is sent into chunks, as the input says. */
export const chunksOf = (text: string, cut: number): string[] => {
  if (cut % 4 === 0 && text.length <= maxSingleBytes) return Array.from(text);
  const random = randomFrom(cut);
  const borders = Array.from({ length: 1 + Math.floor(random() * maxChunks) }, () =>
    Math.floor(random() * text.length),
  ).sort((left, right) => left - right);
  return [0, ...borders]
    .map((start, index) => text.slice(start, borders[index] ?? text.length))
    .filter((chunk) => chunk !== '');
};

/** The lines of an input, as protocol 1 says; the last one may be unfinished. */
export const linesOf = ({ bytes }: Input): string[] => bytes.replaceAll('\r', '').split('\n');

/** An input in a form that people can read and copy. */
export const describeInput = (input: Input): string => {
  const file = encodeInput(input);
  return [
    `sender ${input.sender}, cut ${input.cut}, ${input.bytes.length} bytes:`,
    JSON.stringify(input.bytes.slice(0, 4096)),
    `base64 of the file: ${file.toString('base64')}`,
  ].join('\n');
};
