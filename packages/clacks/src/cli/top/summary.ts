import type { ApiOverview } from '../../http/api-types.ts';
import { clean } from './cells.ts';
import { duration, short, shortBytes, shortMs } from './numbers.ts';

/** What a server is and does as a whole: some lines, in parts of which the last matter least. */
export const summaryOf = ({
  name,
  version,
  role,
  uptimeMs,
  isReady,
  problems,
  connections,
  links,
  listens,
  cache,
  bufferedBytes,
  lastSecond,
}: ApiOverview): readonly (readonly string[])[] => {
  const transports = Object.entries(connections.byTransport).filter(([, number]) => number > 0);
  const { linesReceivedPerS, linesSentPerS, bytesReceivedPerS, bytesSentPerS } = lastSecond;
  const { eventLoopDelayP50Ms, eventLoopDelayP99Ms, eventLoopDelayMaxMs } = lastSecond;
  const lines: readonly (readonly string[])[] = [
    [
      name,
      isReady ? 'ready' : `NOT READY: ${problems.join(', ')}`,
      `up ${duration(uptimeMs)}`,
      role,
      `version ${version}`,
    ],
    [
      `in ${short(linesReceivedPerS)} lines/s ${shortBytes(bytesReceivedPerS)}/s`,
      `out ${short(linesSentPerS)} lines/s ${shortBytes(bytesSentPerS)}/s`,
      `waiting ${shortBytes(bufferedBytes)}`,
      `store ${shortMs(lastSecond.storeCommitMaxMs)}`,
    ],
    [
      `event loop p50 ${shortMs(eventLoopDelayP50Ms)} p99 ${shortMs(eventLoopDelayP99Ms)} max ${shortMs(eventLoopDelayMaxMs)}`,
      `cache ${short(cache.entries)} entries ${shortBytes(cache.bytes)}`,
    ],
    [
      `${short(connections.open)} connections`,
      transports.map(([transport, number]) => `${transport} ${short(number)}`).join(' '),
      `${short(links)} links`,
      `${short(listens)} listened to`,
    ],
  ];
  return lines.map((parts) => parts.filter((part) => part !== '').map(clean));
};
