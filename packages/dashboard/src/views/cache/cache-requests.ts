import type {
  ApiCacheChildren,
  ApiCacheSearch,
  ApiCacheValue,
  ApiCacheWrite,
  ApiCacheWritten,
} from 'clacks/admin-api';
import { request, RequestError } from '../../api/requests.ts';
import { notify } from '../../ui/notices.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import type { LoadChildren } from './name-tree.ts';

/** Names that are loaded in one go. */
const partSize = 1000;

/** Loads names level by level. */
export const loadChildren: LoadChildren = (prefix, after) =>
  request<ApiCacheChildren>({
    path: 'cache/children',
    query: { prefix, after, limit: partSize },
  });

/** Loads names that hold a text, as the children of one place. */
export const loadFound =
  (text: string): LoadChildren =>
  async (_, after) => {
    const { items, next } = await request<ApiCacheSearch>({
      path: 'cache/search',
      query: { q: text, after, limit: partSize },
    });
    return {
      items: items.map((name) => ({ kind: 'value', name, label: name })),
      ...(next !== undefined && { next }),
    };
  };

/**
 * The value of a name; undefined if there is none.
 *
 * @throws RequestError (as a rejection) if it cannot be told.
 */
export const lookAt = async (name: string): Promise<ApiCacheValue | undefined> => {
  try {
    return await request<ApiCacheValue>({ path: 'cache/value', query: { name } });
  } catch (error) {
    if (error instanceof RequestError && error.code === 'not_found') return undefined;
    throw error;
  }
};

/** Tells what became of a change; one that is lost when the node stops is no success. */
const tell = (what: string, name: string, { isKept, reason = '' }: ApiCacheWritten): void => {
  if (isKept) notify(`${what} ${visibleText(name)}.`, 'good');
  else notify(`${what} ${visibleText(name)}, but it is not on the disk: ${reason}`, 'bad');
};

/**
 * Stores a value.
 *
 * @throws RequestError (as a rejection) if the node refuses it, or does not answer.
 */
export const store = async (write: ApiCacheWrite): Promise<void> => {
  tell(
    'Stored',
    write.name,
    await request<ApiCacheWritten>({ method: 'PUT', path: 'cache/value', body: write }),
  );
};

/**
 * Removes a value.
 *
 * @throws RequestError (as a rejection) if the node refuses it, or does not answer.
 */
export const remove = async (name: string): Promise<void> => {
  tell(
    'Removed',
    name,
    await request<ApiCacheWritten>({ method: 'DELETE', path: 'cache/value', query: { name } }),
  );
};
