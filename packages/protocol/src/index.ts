/**
 * The CLACKS wire protocol: framing, commands, values and numbers. Pure: no I/O, no clock, no
 * dependency; runs in Node.js and browsers.
 *
 * @packageDocumentation
 */
export { base64FromWire, bytesFromWire, textFromWire, wireFromBase64 } from './bytes.ts';
export { wireFromBytes, wireFromText } from './bytes.ts';
export { verbs } from './command.ts';
export type {
  AssignmentCommand,
  BareCommand,
  Command,
  KeysyncCommand,
  NameCommand,
  OverheadCommand,
  StepCommand,
  TextCommand,
  UnknownCommand,
  Verb,
  VerbOf,
  Verbs,
} from './command.ts';
export { ClacksError, ClacksProtocolError } from './errors.ts';
export type { ClacksProtocolErrorCode } from './errors.ts';
export { formatCommand, formatTime, lineEnd } from './format.ts';
export {
  defaultMaxLineLength,
  defaultMaxOutbuffer,
  defaultPort,
  maxBytesBeforeLogin,
} from './limits.ts';
export { LineSplitter } from './line-splitter.ts';
export { assertName, assertSingleLine, levelSeparator } from './name.ts';
export { decrement, formatNumber, increment } from './number.ts';
export { forwardedFlags, hasFlag, overheadFlag } from './overhead.ts';
export type { OverheadFlag } from './overhead.ts';
export { parseCommand } from './parse.ts';
export {
  anyLevel,
  anyLevels,
  coversPattern,
  isPattern,
  matchesLevels,
  matchesPattern,
  maxPatternLevels,
  problemOfNamePatterns,
} from './pattern.ts';
export { decodeToken, encodeToken } from './token.ts';
export type { Credentials } from './token.ts';
export {
  base64Marker,
  decodeValue,
  decodeValueBytes,
  decodeYaml,
  encodeValue,
  encodeYaml,
  isReservedValue,
  yamlMarker,
} from './value-codec.ts';
