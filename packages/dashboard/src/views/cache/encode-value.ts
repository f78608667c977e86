import {
  base64FromWire,
  encodeYaml,
  isReservedValue,
  textFromWire,
  wireFromBase64,
  wireFromText,
} from '@clacks/protocol';
import type { ApiCacheWrite } from 'clacks/admin-api';
import type { DecodedValue } from './decode-value.ts';

/** How somebody types a value. */
export type InputForm = 'text' | 'yaml' | 'base64';

/** Line ends of a text: what fields of pages do to them has to be undone. */
const lineEndsOf = (text: string): 'lf' | 'crlf' | 'mixed' => {
  const rest = text.replaceAll('\r\n', '');
  if (rest.length === text.length) return text.includes('\r') ? 'mixed' : 'lf';
  return /[\r\n]/u.test(rest) ? 'mixed' : 'crlf';
};

/** The form in which a value can be typed without a change that nobody wanted. */
export const inputFormOf = ({ form, text }: DecodedValue): InputForm => {
  if (text === undefined || lineEndsOf(text) === 'mixed') return 'base64';
  return form === 'yaml' ? 'yaml' : 'text';
};

/**
 * What is to be sent for what somebody typed. Text that has several lines, that would be taken for
 * an encoded value, or that was encoded before, is encoded (protocol 8).
 *
 * @param before - The value that was there.
 * @throws TypeError if it is to be base64 and is not.
 */
export const encodeInput = (
  form: InputForm,
  input: string,
  before?: DecodedValue,
): Omit<ApiCacheWrite, 'name'> => {
  if (form === 'base64') {
    const base64 = input.replaceAll(/\s/gu, '');
    if (wireFromBase64(base64) === undefined) throw new TypeError('This is no base64.');
    return { value: base64, encoding: 'base64' };
  }
  const isCrLf = before?.text !== undefined && lineEndsOf(before.text) === 'crlf';
  const text = isCrLf ? input.replaceAll('\n', '\r\n') : input;
  if (form === 'yaml') return { value: encodeYaml(text), encoding: 'text' };
  if (before?.form !== 'base64' && !/[\r\n]/u.test(text) && !isReservedValue(text)) {
    return { value: text, encoding: 'text' };
  }
  return { value: base64FromWire(wireFromText(text)), encoding: 'base64' };
};

/** What is typed in one form, in another one; bytes that are no text stay as they are. */
export const changeForm = (from: InputForm, to: InputForm, input: string): string => {
  if ((from === 'base64') === (to === 'base64')) return input;
  if (to === 'base64') return base64FromWire(wireFromText(input));
  const wire = wireFromBase64(input.replaceAll(/\s/gu, ''));
  if (wire === undefined) return input;
  const text = textFromWire(wire);
  return wireFromText(text) === wire ? text : input;
};
