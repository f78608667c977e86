import type { JSX } from 'preact';
import { formatCount } from '../../ui/format.ts';
import type { Presentation } from './chosen-address.ts';
import type { Listening } from './live-signals.ts';
import type { BoardView } from './signal-board.ts';

/** What is not shown, and why. */
const omissionsOf = (view: BoardView, presentation: Presentation): string[] => {
  const { leftOut, uncounted, forgotten } = view;
  if (presentation === 'log') {
    return leftOut === 0
      ? []
      : [`${formatCount(leftOut)} left out: of each name the newest is shown, 4 times a second.`];
  }
  return [
    ...(uncounted === 0
      ? []
      : [
          `${formatCount(uncounted)} of them are counted for no name: there are too many names at once, so counts and rates are too low.`,
        ]),
    ...(forgotten === 0
      ? []
      : [`${formatCount(forgotten)} names that were silent for longest have made way.`]),
  ];
};

/** What is listened to, how much comes, and what of it is not shown. */
export const SignalStatus = (props: {
  readonly view: BoardView;
  readonly listening: Listening | undefined;
  readonly presentation: Presentation;
}): JSX.Element => {
  const { view, listening, presentation } = props;
  const refused = listening?.refused ?? 0;
  return (
    <p class="signal-status">
      {listening === undefined ? (
        <span class="warn">Waiting for the server…</span>
      ) : (
        <span>
          Listening to {formatCount(listening.names)}{' '}
          {listening.names === 1 ? 'name or pattern' : 'names and patterns'}.
        </span>
      )}{' '}
      {refused > 0 && (
        <strong class="bad">
          {formatCount(refused)} {refused === 1 ? 'is' : 'are'} refused: you may not read{' '}
          {refused === 1 ? 'it' : 'them'}.{' '}
        </strong>
      )}
      {formatCount(view.seen)} signals, {formatCount(view.seenPerS)} a second,{' '}
      {formatCount(view.rows.length)} names.{' '}
      {omissionsOf(view, presentation).map((text) => (
        <span key={text} class="warn">
          {text}{' '}
        </span>
      ))}
    </p>
  );
};
