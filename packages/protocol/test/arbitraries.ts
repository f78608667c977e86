import { verbs } from '@clacks/protocol';
import type { Command, Verb } from '@clacks/protocol';
import fc from 'fast-check';

const lineBreaks = '\r\n';

/** Any byte as a character; those that mean something in lines come often. */
export const wireCharacter: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(' ', '=', ':', '*', 'a', 'B', '7', '.', '-', 'D', '\u{85}', '\u{a0}', '\u{ff}'),
  fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
);

const lineCharacter = wireCharacter.filter((character) => !lineBreaks.includes(character));

/** Any bytes without CR and LF. */
export const wireLine: fc.Arbitrary<string> = fc.string({ unit: lineCharacter, maxLength: 40 });

/** Any bytes. */
export const wireText: fc.Arbitrary<string> = fc.string({ unit: wireCharacter, maxLength: 200 });

const someWire = fc.string({ unit: lineCharacter, minLength: 1, maxLength: 40 });

/** All verbs of the language. */
export const allVerbs = Object.keys(verbs) as Verb[];

const verbOf = (form: (typeof verbs)[Verb]): fc.Arbitrary<string> =>
  fc.constantFrom(...allVerbs.filter((verb) => verbs[verb] === form));

/** The name in `name=value` has no `=` but as its first byte. */
const assignedName = someWire.filter((name) => !name.slice(1).includes('='));

/** Without a step, an `=` within the name would begin one. */
const nameWithoutStep = someWire.filter((name) => {
  const last = name.lastIndexOf('=');
  return last <= 0 || last === name.length - 1;
});

const step = someWire.filter((text) => !text.includes('='));

/** Epoch seconds with four digits, up to the year 2106. */
const time = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 42_949_672_950_000 }).map((number) => number / 10_000),
);

const keysyncMode = fc.oneof(
  fc.constantFrom('U', 'D', 'S'),
  someWire.filter((mode) => /^\S+$/u.test(mode)),
);

const overhead = fc.record({
  verb: fc.constant('OVERHEAD'),
  flags: someWire.filter((flags) => !flags.includes(' ')),
  text: wireLine.filter((text) => !text.startsWith(' ')),
});

/** Every command that the language can carry. */
export const command = fc.oneof(
  fc.record({ verb: verbOf('none') }),
  fc.record({ verb: verbOf('name'), name: someWire }),
  fc.record({ verb: verbOf('text'), text: someWire }),
  fc.record({ verb: verbOf('assignment'), name: assignedName, value: wireLine }),
  fc.record({ verb: verbOf('step'), name: nameWithoutStep, step: fc.constant(undefined) }),
  fc.record({ verb: verbOf('step'), name: someWire, step }),
  overhead,
  fc.record({
    verb: fc.constant('KEYSYNC'),
    cacheTime: time,
    accessTime: time,
    mode: keysyncMode,
    name: assignedName,
    value: wireLine,
  }),
) as fc.Arbitrary<Command>;

/** Lines: any bytes, and verbs with anything behind them. */
export const line: fc.Arbitrary<string> = fc.oneof(
  wireLine,
  fc
    .tuple(fc.constantFrom<string>(...allVerbs), fc.constantFrom('', ' ', '  '), wireLine)
    .map((parts) => parts.join('')),
);
