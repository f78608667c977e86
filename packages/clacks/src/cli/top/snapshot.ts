import type {
  ApiConnection,
  ApiNames,
  ApiNodes,
  ApiOverview,
  ApiPage,
  ApiSession,
} from '../../http/api-types.ts';
import type { AdminApi, ConnectionQuery } from './admin-api.ts';

/** What a server said of itself at one moment, as far as it was asked and the user may know. */
export interface Snapshot {
  readonly session: ApiSession;
  readonly overview: ApiOverview;
  readonly connections?: ApiPage<ApiConnection>;
  readonly names?: ApiNames;
  readonly nodes?: ApiNodes;
}

/** What is asked for, besides the overview. */
export interface Wanted {
  readonly connections?: ConnectionQuery | undefined;
  readonly names?: boolean;
  readonly nodes?: boolean;
}

/**
 * Asks a server for what it does now.
 *
 * @throws CommandError if it does not answer, or refuses it.
 */
export const takeSnapshot = async (
  api: AdminApi,
  session: ApiSession,
  { connections, names = false, nodes = false }: Wanted,
): Promise<Snapshot> => {
  const [overview, connectionPage, busiest, tree] = await Promise.all([
    api.overview(),
    connections === undefined || !session.manage ? undefined : api.connections(connections),
    names && session.read ? api.names() : undefined,
    nodes ? api.nodes() : undefined,
  ]);
  return {
    session,
    overview,
    ...(connectionPage !== undefined && { connections: connectionPage }),
    ...(busiest !== undefined && { names: busiest }),
    ...(tree !== undefined && { nodes: tree }),
  };
};
