import { hasFlag, overheadFlag, parseCommand, textFromWire } from '@clacks/protocol';
import type { OverheadCommand } from '@clacks/protocol';
import type { ClientEvents } from './events.ts';
import type { Requester } from './requester.ts';
import { notifySignal, setSignal } from './signal.ts';
import type { Signal } from './signal.ts';

/** Where received lines go. */
export interface ReceiverTargets {
  readonly requester: Requester;
  /** A signal for those who listen to the name, given as a wire string. */
  signal(wireName: string, signal: Signal): void;
  debug(line: string): void;
  emit<Name extends keyof ClientEvents>(name: Name, event: ClientEvents[Name]): void;
  /** Sends an answer. */
  send(line: string): void;
}

const receiveOverhead = (
  { flags, text }: OverheadCommand,
  line: string,
  targets: ReceiverTargets,
): void => {
  // One of the errors is the answer to a request.
  if (targets.requester.take(line)) return;
  const readable = textFromWire(text);
  // What was forwarded is another client's word, not the server's.
  if (hasFlag(flags, overheadFlag.error) && !hasFlag(flags, overheadFlag.forward)) {
    if (!targets.requester.errorReceived(readable)) targets.emit('serverError', readable);
  } else if (hasFlag(flags, overheadFlag.informal)) {
    if (hasFlag(flags, overheadFlag.returnToSender)) {
      const notMirrored = hasFlag(flags, overheadFlag.notMirrored) ? overheadFlag.notMirrored : '';
      targets.send(`OVERHEAD M${notMirrored} ${text}`);
    }
    targets.emit('message', readable);
  } else {
    targets.emit('overhead', { flags, text: readable });
  }
};

/** Handles one received line. Lines that mean nothing to us are ignored. */
export const receiveLine = (line: string, targets: ReceiverTargets): void => {
  const command = parseCommand(line);
  switch (command.verb) {
    case 'SET':
      targets.signal(command.name, setSignal(command.name, command.value));
      return;
    case 'NOTIFY':
      targets.signal(command.name, notifySignal(command.name));
      return;
    case 'DEBUG':
      targets.debug(textFromWire(command.text));
      return;
    case 'OVERHEAD':
      receiveOverhead(command, line, targets);
      return;
    default:
      targets.requester.take(line);
  }
};
