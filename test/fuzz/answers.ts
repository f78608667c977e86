/** What a server may send: to clients, to linked nodes, and to both. */
const forms = [
  /^(?:NOTRETRIEVED|NOTIFY|KEY|FLUSHED|RELOADED|DEBUG|ECHO|ECHOED|CLEARED|REMOVE|INCREMENT|DECREMENT) .+$/su,
  /^(?:RETRIEVED|SET|STORE) .[^=]*=.*$/su,
  /^(?:KEYLISTSTART|KEYLISTEND|CLIENTLISTSTART|CLIENTLISTEND|QUIT|PING|CLEARCACHE)$/u,
  /^CLACKS clacks-ts \S+(?: in interclacks master mode)?$/u,
  /^OVERHEAD [A-Z]+ .+$/su,
  /^CLIENT CID=\S+;HOST=.*;CLIENTINFO=[^;]*;OUTBUFFER_LENGTH=\d+;(?:[A-Z]+_?[A-Z]*=[^;]*;)+$/su,
  /^KEYSYNC \d+(?:\.\d{1,6})? \d+(?:\.\d{1,6})? (?:[UD]|[UDC]!?(?:~-?[\d.e+]+)?) .[^=]*=.*$/su,
  /^NODE \S+ \S+ \S+ [\d.]+$/u,
];

/**
 * Takes the line ends off what a server sent.
 *
 * @throws Error if there is a line that a server does not send.
 */
export const checkedLines = (received: readonly string[]): string[] => {
  const lines: string[] = [];
  for (const each of received) {
    if (!each.endsWith('\r')) throw new Error(`an unfinished line: ${JSON.stringify(each)}`);
    const line = each.slice(0, -1);
    if (line === '') continue;
    if (!forms.some((form) => form.test(line)))
      throw new Error(`a malformed line: ${JSON.stringify(line)}`);
    lines.push(line);
  }
  return lines;
};

/** A counter's parts stand in the order of their nodes' names. */
const withSortedParts = (line: string): string =>
  line.startsWith('KEYSYNC ')
    ? line.replace(/(?<=\S* [UD] )\S+:\d+:\S+/u, (parts) => parts.split(',').sort().join(','))
    : line;

const isMirrored = (line: string): boolean => line.startsWith('DEBUG ');

/**
 * Leaves out what may differ between two servers that get the same bytes: their names, how much
 * waits for being read or written, and the mirror. That one tells of all lines that came in one go
 * when they were handled: who looks no longer by then hears of none.
 */
export const comparable = (lines: readonly string[], nodeId: string): readonly string[] =>
  lines
    .filter((line) => !isMirrored(line))
    .map((line) =>
      withSortedParts(line.replaceAll(nodeId, '<node>')).replaceAll(
        /(?:(?:IN|OUT)BUFFER_LENGTH|WRITEFAILTIME)=[\d.]+/gu,
        '<waiting>',
      ),
    );

/** Who was sent too much lost what was in the way: how much that is depends on the moment. */
const wasFlooded = (lines: readonly string[]): boolean =>
  lines.some((line) => /^OVERHEAD E limit_exceeded max(?:outbuffer|buffered) /u.test(line));

/**
 * @throws Error if the answers to the same bytes differ.
 */
export const compareAnswers = (whole: readonly string[], cut: readonly string[]): void => {
  if (wasFlooded(whole) || wasFlooded(cut)) return;
  const at = whole.findIndex((line, index) => line !== cut[index]);
  if (at === -1 && whole.length === cut.length) return;
  const index = at === -1 ? whole.length : at;
  throw new Error(
    `answer ${index} depends on where the bytes were cut: ` +
      `${JSON.stringify(whole[index])} in one, ${JSON.stringify(cut[index])} in pieces`,
  );
};
