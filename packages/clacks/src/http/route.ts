import type { Access, Need, SiteContext } from './access.ts';
import type { CacheView } from './cache-view.ts';
import type { ConnectionView } from './connection-view.ts';
import type { History } from './history.ts';
import type { LiveStream } from './live-stream.ts';
import type { LogRing } from './log-ring.ts';
import type { Metrics } from './metrics.ts';
import type { NameMeter } from './name-meter.ts';
import type { AdminPort, AdminUser } from './ports.ts';
import type { HttpSession } from './sessions.ts';

/** What requests are answered with. */
export interface Site {
  readonly port: AdminPort;
  readonly access: Access;
  readonly cacheView: CacheView;
  readonly connectionView: ConnectionView;
  readonly history: History;
  readonly logs: LogRing;
  readonly metrics: Metrics;
  readonly names: NameMeter;
  /** Monotonic ms. */
  readonly now: () => number;
  /**
   * Whether a user may have another stream.
   *
   * @throws Problem if not.
   */
  readonly checkStreams: (user: AdminUser) => void;
  /** A stream has begun, or ended: those that there are end with the site. */
  readonly addStream: (stream: LiveStream) => void;
  readonly removeStream: (stream: LiveStream) => void;
}

type Answer = Response | Promise<Response>;

interface RouteOf<Kind> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Who may do that. */
  readonly needs: Kind;
}

/** What is answered at a path. */
export type Route =
  | (RouteOf<Need> & {
      readonly run: (context: SiteContext, site: Site, session: HttpSession) => Answer;
    })
  | (RouteOf<'nothing'> & { readonly run: (context: SiteContext, site: Site) => Answer });
