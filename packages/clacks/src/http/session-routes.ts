import { z } from 'zod';
import type { ApiNobody } from './api-types.ts';
import { describeUser } from './access.ts';
import type { SiteContext } from './access.ts';
import { Problem } from './problem.ts';
import { bodyOf, checkedLine } from './requests.ts';
import type { Route, Site } from './route.ts';
import type { HttpSession } from './sessions.ts';

/** Longest bodies in bytes: of a login, and of lines for the console. */
const loginBytesMax = 8 * 1024;
const consoleBytesMax = 1024 * 1024;

const loginSchema = z.strictObject({
  username: z.string().min(1).max(1024),
  password: z.string().max(1024),
});

const login = async (context: SiteContext, { access }: Site): Promise<Response> => {
  const { username, password } = await bodyOf(context, loginSchema, loginBytesMax);
  const { user } = await access.login(context, username, password);
  return context.json(describeUser(user));
};

/** Nobody is an answer as well: browsers take a status from 400 on for a fault of the page. */
const whoIsThere = async (context: SiteContext, { access, port }: Site): Promise<Response> => {
  if (port.phase !== 'running') throw new Problem('unavailable', `The node is ${port.phase}.`);
  const session = await access.identify(context);
  if (session !== undefined) return context.json(describeUser(session.user));
  const nobody: ApiNobody = { username: null, isForgotten: access.isOfOtherRun(context) };
  return context.json(nobody);
};

const consoleSchema = z.strictObject({ lines: z.array(z.string().min(1)).min(1).max(1000) });

const say = async (context: SiteContext, _: Site, { console }: HttpSession): Promise<Response> => {
  const { lines } = await bodyOf(context, consoleSchema, consoleBytesMax);
  return context.json(await console.say(lines.map((line) => checkedLine(line, 'A line'))));
};

/** Who is logged in, and its console. */
export const sessionRoutes: readonly Route[] = [
  { method: 'POST', path: '/api/login', needs: 'nothing', run: login },
  {
    method: 'POST',
    path: '/api/logout',
    needs: 'nothing',
    run: (context, { access }) => {
      access.logout(context);
      return context.body(null, 204);
    },
  },
  {
    method: 'GET',
    path: '/api/session',
    needs: 'nothing',
    run: whoIsThere,
  },
  {
    method: 'GET',
    path: '/api/console',
    needs: 'manage',
    run: (context, _, { console }) => context.json(console.take()),
  },
  { method: 'POST', path: '/api/console', needs: 'manage', run: say },
];
