/**
 * Every verb of the language, both ways, with the form of what follows it (protocol 3, 5, 6, 9):
 *
 * - `none`: the verb stands alone
 * - `name`: `VERB name`
 * - `assignment`: `VERB name=value`; the name runs to the first `=` that is not its first byte
 * - `step`: `VERB name` or `VERB name=n`; the name runs to the last `=`
 * - `text`: `VERB text`
 * - `overhead`: `OVERHEAD flags text`
 * - `keysync`: `KEYSYNC cachetime accesstime mode name=value`
 *
 * `NODE`, `CLEARED`, `ECHO` and `ECHOED` are spoken between our own nodes only; `RELOAD` and `RELOADED`
 * are not known to Net::Clacks.
 */
export const verbs = {
  CLACKS: 'text',
  OVERHEAD: 'overhead',
  NOTIFY: 'name',
  SET: 'assignment',
  LISTEN: 'name',
  UNLISTEN: 'name',
  STORE: 'assignment',
  SETANDSTORE: 'assignment',
  RETRIEVE: 'name',
  RETRIEVED: 'assignment',
  NOTRETRIEVED: 'name',
  REMOVE: 'name',
  INCREMENT: 'step',
  DECREMENT: 'step',
  KEYLIST: 'none',
  KEYLISTSTART: 'none',
  KEY: 'name',
  KEYLISTEND: 'none',
  CLEARCACHE: 'none',
  FLUSH: 'text',
  FLUSHED: 'text',
  PING: 'none',
  NOPING: 'none',
  NOP: 'none',
  QUIT: 'none',
  TIMEOUT: 'none',
  MONITOR: 'none',
  UNMONITOR: 'none',
  DEBUG: 'text',
  CLIENTLIST: 'none',
  CLIENTLISTSTART: 'none',
  CLIENT: 'text',
  CLIENTLISTEND: 'none',
  CLIENTDISCONNECT: 'text',
  RELOAD: 'text',
  RELOADED: 'text',
  KEYSYNC: 'keysync',
  NODE: 'text',
  CLEARED: 'text',
  ECHO: 'text',
  ECHOED: 'text',
} as const;

/** The type of {@link verbs}. */
export type Verbs = typeof verbs;

/** A verb of the language. */
export type Verb = keyof Verbs;

/** The verbs that are followed by a certain form of arguments. */
export type VerbOf<Form extends Verbs[Verb]> = {
  [V in Verb]: Verbs[V] extends Form ? V : never;
}[Verb];

/** A command that is its verb alone, such as `PING`. */
export interface BareCommand {
  readonly verb: VerbOf<'none'>;
}

/** A command about a name, such as `LISTEN Kitchen::Temperature`. */
export interface NameCommand {
  readonly verb: VerbOf<'name'>;
  readonly name: string;
}

/** A command that gives a name a value, such as `SET Kitchen::Temperature=21.5`. */
export interface AssignmentCommand {
  readonly verb: VerbOf<'assignment'>;
  readonly name: string;
  /** May be empty, and may contain `=` and spaces. */
  readonly value: string;
}

/** `INCREMENT` or `DECREMENT`. */
export interface StepCommand {
  readonly verb: VerbOf<'step'>;
  readonly name: string;
  /** The step as written, never empty; `undefined` where none is given, which means 1. */
  readonly step: string | undefined;
}

/** A command with free text, such as `FLUSH done`. */
export interface TextCommand {
  readonly verb: VerbOf<'text'>;
  readonly text: string;
}

/** An OVERHEAD message (protocol 6). One without flags or text has no meaning and is dropped. */
export interface OverheadCommand {
  readonly verb: 'OVERHEAD';
  /** The flags in the order they came, unknown ones too. */
  readonly flags: string;
  readonly text: string;
}

/** One cache entry or tombstone on its way between nodes (protocol 9). */
export interface KeysyncCommand {
  readonly verb: 'KEYSYNC';
  /** When it was last written: epoch seconds with fraction, by the sender's clock. */
  readonly cacheTime: number;
  /** When it was last written or read, likewise; 0 for a tombstone. */
  readonly accessTime: number;
  /** `D` for a tombstone; between our own nodes `C` for a counter; anything else is a value. */
  readonly mode: string;
  readonly name: string;
  readonly value: string;
}

/** A line that is no command: an unknown verb, or arguments that do not fit the verb. */
export interface UnknownCommand {
  readonly verb: 'UNKNOWN';
  readonly line: string;
}

/** One line of the language, parsed. Names, values and texts are wire strings. */
export type Command =
  | BareCommand
  | NameCommand
  | AssignmentCommand
  | StepCommand
  | TextCommand
  | OverheadCommand
  | KeysyncCommand
  | UnknownCommand;
