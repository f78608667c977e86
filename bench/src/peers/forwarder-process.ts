// A bare forwarder of lines, Node's own floor: `node forwarder-process.js TRANSPORT PATH-OR-PORT CERT KEY`.
// The first line of a connection says what it is for:
//   LISTEN     gets what others send
//   SEND       all that it sends goes to all who listen, in one piece up to the last line end
//   SEND n     each line goes to the next n of those who listen
//   ECHO       gets its own lines back, one by one
import type { Socket } from 'node:net';
import { serve } from './serve.ts';

const lineFeed = 10;
const listeners: Socket[] = [];
let nextListener = 0;

type Handler = (lines: Buffer) => void;

const toAll: Handler = (lines) => {
  for (const listener of listeners) listener.write(lines);
};

/** Calls for each line, with its end. */
const eachLine = (lines: Buffer, use: (line: Buffer) => void): void => {
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(lineFeed, start) + 1;
    use(lines.subarray(start, end));
    start = end;
  }
};

/** Each line to so many listeners; what goes to one of them is written at once. */
const toNext = (count: number): Handler => {
  return (lines) => {
    const waiting = new Map<Socket, Buffer[]>();
    eachLine(lines, (line) => {
      for (let index = 0; index < count; index++) {
        const listener = listeners[nextListener++ % listeners.length];
        if (listener === undefined) continue;
        const pieces = waiting.get(listener);
        if (pieces === undefined) waiting.set(listener, [line]);
        else pieces.push(line);
      }
    });
    for (const [listener, pieces] of waiting) listener.write(Buffer.concat(pieces));
  };
};

const echoTo = (socket: Socket): Handler => {
  return (lines) => {
    const pieces: Buffer[] = [];
    eachLine(lines, (line) => pieces.push(line));
    socket.write(Buffer.concat(pieces));
  };
};

const handlerOf = (socket: Socket, role: string): Handler => {
  const [verb, count] = role.trim().split(' ');
  if (verb === 'LISTEN') listeners.push(socket);
  if (verb === 'ECHO') return echoTo(socket);
  return count === undefined ? toAll : toNext(Number(count));
};

serve((socket) => {
  let handler: Handler | undefined;
  let rest: Buffer | undefined;
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    if (handler === undefined) {
      start = bytes.indexOf(lineFeed) + 1;
      handler = handlerOf(socket, bytes.toString('latin1', 0, start));
      socket.write('OK\r\n');
    }
    const end = bytes.lastIndexOf(lineFeed) + 1;
    rest = end < bytes.length ? bytes.subarray(end) : undefined;
    if (end > start) handler(bytes.subarray(start, end));
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    const index = listeners.indexOf(socket);
    if (index >= 0) listeners.splice(index, 1);
  });
});
