/** Deeper JSON is not laid out: each level indents all lines within it. */
const depthMax = 100;
/** Longest result, in characters. */
const lengthMax = 8 * 1024 * 1024;

const indent = (depth: number): string => `\n${'  '.repeat(depth)}`;

/** Strings, numbers and words; brackets, commas and colons one by one. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]|[^\s"[\]{},:]+/gu;

/**
 * Lays out JSON, an array or object, with one member a line. Numbers, strings and the order of
 * members stay as they are written, which `JSON.stringify` would not have.
 *
 * @returns Nothing if it is no such JSON, or too deep.
 */
export const layOutJson = (json: string): string | undefined => {
  if (!/^\s*[[{]/u.test(json)) return undefined;
  try {
    JSON.parse(json);
  } catch {
    // Most values are none.
    return undefined;
  }
  let depth = 0;
  let result = '';
  let last = '';
  for (const [part] of json.matchAll(token)) {
    const isAfterOpening = last === '{' || last === '[';
    if (part === '}' || part === ']') {
      depth--;
      result += isAfterOpening ? part : indent(depth) + part;
    } else {
      if (isAfterOpening) result += indent(depth);
      result += part;
      if (part === '{' || part === '[') depth++;
      else if (part === ',') result += indent(depth);
      else if (part === ':') result += ' ';
    }
    if (depth > depthMax || result.length > lengthMax) return undefined;
    last = part;
  }
  return result;
};
