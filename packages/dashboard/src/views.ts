import type { ApiSession } from 'clacks/admin-api';
import type { ComponentType } from 'preact';
import { CacheView } from './views/cache/cache-view.tsx';
import { ConnectionsView } from './views/connections/connections-view.tsx';
import { ConsoleView } from './views/console/console-view.tsx';
import { LogsView } from './views/logs/logs-view.tsx';
import { NodesView } from './views/nodes/nodes-view.tsx';
import { OverviewView } from './views/overview/overview-view.tsx';
import { SignalsView } from './views/signals/signals-view.tsx';

/** A view of the page. */
export interface View {
  /** In the address, after `#/`. */
  readonly path: string;
  readonly title: string;
  /** What a user needs to see it. */
  readonly needs: 'read' | 'manage' | undefined;
  readonly component: ComponentType;
}

const views: readonly View[] = [
  { path: '', title: 'Overview', needs: undefined, component: OverviewView },
  { path: 'connections', title: 'Connections', needs: 'manage', component: ConnectionsView },
  { path: 'nodes', title: 'Nodes', needs: undefined, component: NodesView },
  { path: 'cache', title: 'Cache', needs: 'read', component: CacheView },
  { path: 'signals', title: 'Signals', needs: 'read', component: SignalsView },
  { path: 'console', title: 'Console', needs: 'manage', component: ConsoleView },
  { path: 'logs', title: 'Logs', needs: 'manage', component: LogsView },
];

/** The views that a user may see. */
export const viewsFor = (user: ApiSession): readonly View[] =>
  views.filter(({ needs }) => needs === undefined || user[needs]);
