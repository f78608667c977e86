import { base64FromWire, encodeValue, textFromWire, wireFromText } from '@clacks/protocol';
import { z } from 'zod';
import type { ApiCacheValue, ApiCacheWritten } from './api-types.ts';
import { runLines } from './fenced.ts';
import type { Outcome } from './fenced.ts';
import type { AdminUser, CachedValue } from './ports.ts';
import { Problem } from './problem.ts';
import { bodyOf, checkedLine, checkedName, limitOf, textOf } from './requests.ts';
import type { SiteContext } from './access.ts';
import type { Route, Site } from './route.ts';

/** Of a value so many bytes are shown. */
const shownMax = 1024 * 1024;

/** Longest body in bytes: a value of 1 MiB as base64, and what is around it. */
const writeBytesMax = 2 * 1024 * 1024;

const writeSchema = z.strictObject({
  name: z.string(),
  value: z.string(),
  encoding: z.enum(['text', 'base64']).default('text'),
});

const isUtf8 = (wire: string): boolean => wireFromText(textFromWire(wire)) === wire;

const shown = (name: string, { value, ...rest }: CachedValue): ApiCacheValue => {
  const isTruncated = value.length > shownMax;
  const part = isTruncated ? value.slice(0, shownMax) : value;
  // A part may end within a character.
  const isText = !isTruncated && isUtf8(part);
  return {
    name,
    encoding: isText ? 'text' : 'base64',
    value: isText ? textFromWire(part) : base64FromWire(part),
    bytes: value.length,
    isTruncated,
    ...rest,
  };
};

const requireReadable = ({ readable }: AdminUser, name: string): void => {
  if (readable?.allows(wireFromText(name)) !== false) return;
  throw new Problem('permission_denied', 'This user may not read that name.');
};

const written = ({ answers, notKept }: Outcome): ApiCacheWritten => {
  const refusal = answers.find((line) => line.startsWith('OVERHEAD E '));
  if (refusal === 'OVERHEAD E permission_denied') {
    throw new Problem('permission_denied', 'This user may not write that name.');
  }
  if (refusal !== undefined) throw new Problem('bad_request', `The node refuses it: ${refusal}`);
  return notKept === undefined ? { isKept: true } : { isKept: false, reason: notKept };
};

const value = (context: SiteContext, { port }: Site, user: AdminUser): Response => {
  const name = checkedName(textOf(context, 'name'));
  requireReadable(user, name);
  const cached = port.cached(wireFromText(name));
  if (cached === undefined) throw new Problem('not_found', 'There is no value of that name.');
  return context.json(shown(name, cached));
};

const encoded = (text: string, encoding: 'text' | 'base64'): string => {
  if (encoding === 'text') return checkedLine(text, 'A value as text');
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is none.
  if (bytes.toString('base64').replaceAll('=', '') !== text.replaceAll('=', '')) {
    throw new Problem('bad_request', 'value: is no base64.');
  }
  return encodeValue(new Uint8Array(bytes));
};

const write = async (context: SiteContext, site: Site, user: AdminUser): Promise<Response> => {
  const body = await bodyOf(context, writeSchema, writeBytesMax);
  const name = wireFromText(checkedName(body.name));
  const outcome = await runLines(user, [`STORE ${name}=${encoded(body.value, body.encoding)}`]);
  site.cacheView.changed();
  return context.json(written(outcome));
};

const remove = async (context: SiteContext, site: Site, user: AdminUser): Promise<Response> => {
  const name = wireFromText(checkedName(textOf(context, 'name')));
  const outcome = await runLines(user, [`REMOVE ${name}`]);
  site.cacheView.changed();
  return context.json(written(outcome));
};

const prefixOf = (context: SiteContext): string => {
  const prefix = textOf(context, 'prefix');
  if (prefix !== '' && !prefix.endsWith('::')) {
    throw new Problem('bad_request', 'prefix: expected nothing, or what ends with "::".');
  }
  return wireFromText(prefix);
};

/** The cache, to be looked at and changed. */
export const cacheRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/cache/children',
    needs: 'read',
    run: async (context, { cacheView }, { user }) => {
      const after = context.req.query('after');
      return context.json(
        await cacheView.children(user, prefixOf(context), after, limitOf(context)),
      );
    },
  },
  {
    method: 'GET',
    path: '/api/cache/search',
    needs: 'read',
    run: async (context, { cacheView }, { user }) => {
      const text = wireFromText(textOf(context, 'q'));
      return context.json(
        await cacheView.search(user, text, context.req.query('after'), limitOf(context)),
      );
    },
  },
  {
    method: 'GET',
    path: '/api/cache/value',
    needs: 'read',
    run: (context, site, { user }) => value(context, site, user),
  },
  {
    method: 'PUT',
    path: '/api/cache/value',
    needs: 'manage',
    run: (context, site, { user }) => write(context, site, user),
  },
  {
    method: 'DELETE',
    path: '/api/cache/value',
    needs: 'manage',
    run: (context, site, { user }) => remove(context, site, user),
  },
];
