import type { SiteContext } from './access.ts';
import { LiveStream, mayWatch } from './live-stream.ts';
import { overviewOf } from './overview.ts';
import { Problem } from './problem.ts';
import { checkedName, numberOf, textOf } from './requests.ts';
import type { Site } from './route.ts';
import type { HttpSession } from './sessions.ts';

/** Names and patterns of one stream. */
const streamNamesMax = 100;
/** Signals a second that are shown at most, and if nothing else is asked for. */
const signalsPerSMax = 1000;
const signalsPerSDefault = 100;

const knownTopics = ['overview', 'logs'];

const topicsOf = (context: SiteContext): readonly string[] => {
  const topics = textOf(context, 'topics').split(',').filter(Boolean);
  if (topics.every((topic) => knownTopics.includes(topic))) return topics;
  throw new Problem('bad_request', `topics: expected ${knownTopics.join(', ')}, or both.`);
};

/** `GET /api/stream` */
export const stream = (context: SiteContext, site: Site, session: HttpSession): Response => {
  const topics = topicsOf(context);
  const names = (context.req.queries('name') ?? []).map(checkedName);
  if (names.length > streamNamesMax) {
    throw new Problem('bad_request', `name: more than ${streamNamesMax} of them.`);
  }
  const logs = topics.includes('logs') ? site.logs : undefined;
  if (!mayWatch(session.user, { names, logs })) {
    throw new Problem('permission_denied', 'Names need the permission read, logs manage.');
  }
  const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
  if (context.req.method === 'HEAD') return context.body(null, 200, headers);
  const wanted = {
    overview: topics.includes('overview') ? () => overviewOf(site) : undefined,
    logs,
    names,
    signalsPerS: numberOf(context, 'rate', signalsPerSDefault, signalsPerSMax),
  };
  site.checkStreams(session.user);
  const { incoming, outgoing } = context.env;
  const live = new LiveStream(session, wanted, {
    now: site.now,
    isGone: () => incoming.socket.destroyed,
    unread: () => {
      outgoing.destroy();
    },
    ended: () => {
      site.removeStream(live);
    },
  });
  site.addStream(live);
  return context.body(live.body, 200, headers);
};
