import type { ApiConnectionOrder, ApiHealth, ApiReadiness } from './api-types.ts';
import type { SiteContext } from './access.ts';
import { partOfNames } from './connection-names.ts';
import { runLines } from './fenced.ts';
import { nodesOf, overviewOf } from './overview.ts';
import { Problem } from './problem.ts';
import { checkedLine, limitOf, offsetOf, textOf, wordOf } from './requests.ts';
import type { Route, Site } from './route.ts';
import type { HttpSession } from './sessions.ts';
import { stream } from './stream-route.ts';

const readiness = async (context: SiteContext, { port, access }: Site): Promise<Response> => {
  const { problems } = port;
  const isReady = problems.length === 0;
  const who = await access.identify(context).catch(() => undefined);
  const answer: ApiReadiness = {
    status: isReady ? 'ready' : 'not ready',
    ...(who !== undefined && { problems }),
  };
  return context.json(answer, isReady ? 200 : 503);
};

const orders: readonly [ApiConnectionOrder, ...ApiConnectionOrder[]] = [
  'sinceMs',
  'id',
  'name',
  'username',
  'address',
  'listens',
  'linesReceivedPerS',
  'linesSentPerS',
  'bytesReceivedPerS',
  'bytesSentPerS',
  'outbufferBytes',
];

const listConnections = (context: SiteContext, { connectionView }: Site): Response =>
  context.json(
    connectionView.list({
      order: wordOf(context, 'sort', orders),
      isDescending: wordOf(context, 'order', ['asc', 'desc']) === 'desc',
      filter: textOf(context, 'filter'),
      offset: offsetOf(context),
      limit: limitOf(context),
    }),
  );

/** @throws Problem if there is no such connection. */
const listenedOf = (
  context: SiteContext,
  { port }: Site,
): { id: string; names: Iterable<string> } => {
  const id = checkedLine(textOf(context, 'id'), 'An id');
  const names = port.listensOf(id);
  if (names === undefined) throw new Problem('not_found', 'There is no connection of that id.');
  return { id, names };
};

const listNames = async (
  context: SiteContext,
  site: Site,
  { user }: HttpSession,
): Promise<Response> => {
  const { names } = listenedOf(context, site);
  const after = context.req.query('after');
  return context.json(await partOfNames(names, user, after, limitOf(context)));
};

const kick = async (context: SiteContext, site: Site, { user }: HttpSession): Promise<Response> => {
  const { id } = listenedOf(context, site);
  await runLines(user, [`CLIENTDISCONNECT ${id}`]);
  return context.body(null, 204);
};

const health: ApiHealth = { status: 'ok' };

/** The node as a whole, and its connections. */
export const nodeRoutes: readonly Route[] = [
  { method: 'GET', path: '/healthz', needs: 'nothing', run: (context) => context.json(health) },
  { method: 'GET', path: '/readyz', needs: 'nothing', run: readiness },
  {
    method: 'GET',
    path: '/metrics',
    needs: 'view',
    run: async (context, { metrics }) => {
      const { text, contentType } = await metrics.read();
      return context.body(text, 200, { 'content-type': contentType });
    },
  },
  {
    method: 'GET',
    path: '/api/overview',
    needs: 'view',
    run: (context, site) => context.json(overviewOf(site)),
  },
  {
    method: 'GET',
    path: '/api/history',
    needs: 'view',
    run: (context, { history }) => context.json({ items: history.samples }),
  },
  {
    method: 'GET',
    path: '/api/nodes',
    needs: 'view',
    run: (context, site) => context.json(nodesOf(site)),
  },
  {
    method: 'GET',
    path: '/api/names',
    needs: 'read',
    run: async (context, { names }, { user }) =>
      context.json(await names.top(user, limitOf(context))),
  },
  { method: 'GET', path: '/api/stream', needs: 'view', run: stream },
  { method: 'GET', path: '/api/connections', needs: 'manage', run: listConnections },
  { method: 'GET', path: '/api/connections/names', needs: 'manage', run: listNames },
  { method: 'DELETE', path: '/api/connections', needs: 'manage', run: kick },
  {
    method: 'GET',
    path: '/api/logs',
    needs: 'manage',
    run: (context, { logs }) => context.json({ items: logs.after(0, limitOf(context)) }),
  },
];
