import { RequestError, getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Access } from './access.ts';
import type { SiteContext, SiteEnv } from './access.ts';
import type { ApiError } from './api-types.ts';
import { cacheRoutes } from './cache-routes.ts';
import { CacheView } from './cache-view.ts';
import { ConnectionView } from './connection-view.ts';
import { History } from './history.ts';
import type { LiveStream } from './live-stream.ts';
import type { LogRing } from './log-ring.ts';
import { Metrics } from './metrics.ts';
import { NameMeter } from './name-meter.ts';
import type { AdminPort } from './ports.ts';
import { Problem } from './problem.ts';
import type { Route, Site } from './route.ts';
import { nodeRoutes } from './node-routes.ts';
import { securityHeaders } from './security-headers.ts';
import { HttpSessions } from './sessions.ts';
import { sessionRoutes } from './session-routes.ts';
import { readStaticFiles } from './static-files.ts';
import type { StaticFile } from './static-files.ts';

/** Streams of one user at a time: nobody has all. And of all. */
const streamsOfUserMax = 16;
const streamsMax = 64;
const tickMs = 1000;

/** What the pages are made with. */
export interface AdminSiteOptions {
  readonly port: AdminPort;
  readonly logs: LogRing;
  /** Where the files of the page are. */
  readonly dashboard: string;
  /** Whether an address is that of a proxy that may say who asks, and whether it is over TLS. */
  readonly isProxy: (address: string) => boolean;
  /** Is told of errors that no request explains. */
  readonly failed: (error: unknown) => void;
}

const routes: readonly Route[] = [...sessionRoutes, ...nodeRoutes, ...cacheRoutes];

const noPage = `This is the admin HTTP of a Clacks server. Its web page is not installed.
Its API is below /api (docs/admin-http.md); /healthz, /readyz and /metrics are for machines.
`;

/** Health, metrics, the API and the page of a node, over HTTP. Listens nowhere itself. */
export class AdminSite {
  readonly #options: AdminSiteOptions;
  readonly #site: Site;
  readonly #sessions: HttpSessions;
  readonly #streams = new Set<LiveStream>();
  readonly #files: ReadonlyMap<string, StaticFile>;
  readonly #timer: NodeJS.Timeout;
  readonly #listener: ReturnType<typeof getRequestListener>;

  /** @throws Error if the files of the page cannot be read. */
  constructor(options: AdminSiteOptions) {
    const { port, logs, dashboard, isProxy } = options;
    const now = (): number => performance.now();
    this.#options = options;
    this.#files = readStaticFiles(dashboard);
    this.#sessions = new HttpSessions(now);
    this.#site = {
      port,
      access: new Access(port, this.#sessions, isProxy),
      cacheView: new CacheView(port, now),
      connectionView: new ConnectionView(port, now),
      history: new History(port, now),
      logs,
      metrics: new Metrics(port),
      names: new NameMeter(port, now),
      now,
      addStream: (stream) => {
        this.#streams.add(stream);
      },
      checkStreams: ({ username }) => {
        this.#checkStreams(username);
      },
      removeStream: (stream) => {
        this.#streams.delete(stream);
      },
    };
    this.#listener = getRequestListener(this.#app().fetch, {
      // The globals of whoever embeds the server stay as they are.
      overrideGlobalObjects: false,
      // Load balancers ask with HTTP/1.0, and name no host. What is taken for it matters to nobody.
      hostname: 'localhost',
      errorHandler: (error) => this.#adapterAnswer(error),
    });
    this.#timer = setInterval(this.#tick, tickMs).unref();
  }

  /** Answers a request. */
  request(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.#listener(incoming, outgoing).catch(this.#options.failed);
  }

  /** The store has written something. */
  storeCommitted(tookMs: number): void {
    this.#site.history.storeCommitted(tookMs);
    this.#site.metrics.storeCommitted(tookMs);
  }

  /** Ends all streams and sessions. */
  close(): void {
    clearInterval(this.#timer);
    for (const stream of this.#streams) stream.close();
    this.#sessions.endAll();
    this.#site.names.stop();
    this.#site.history.stop();
  }

  #checkStreams(username: string): void {
    if (this.#streams.size >= streamsMax) {
      throw new Problem('too_many', `More than ${streamsMax} streams.`);
    }
    let ofUser = 0;
    for (const stream of this.#streams) if (stream.username === username) ofUser++;
    if (ofUser < streamsOfUserMax) return;
    throw new Problem('too_many', `More than ${streamsOfUserMax} streams of one user.`);
  }

  readonly #tick = (): void => {
    this.#site.history.tick();
    this.#site.names.tick();
    this.#sessions.sweep();
  };

  #app(): Hono<SiteEnv> {
    const app = new Hono<SiteEnv>();
    app.use(async (context, next) => {
      await next();
      for (const [name, value] of Object.entries(securityHeaders)) context.header(name, value);
      if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store');
    });
    for (const route of routes) this.#addRoute(app, route);
    for (const path of new Set(routes.map((route) => route.path))) {
      app.all(path, (context) => {
        context.header('allow', this.#methodsOf(path).join(', '));
        throw new Problem('method_not_allowed', 'That cannot be done here.');
      });
    }
    app.all('/api/*', () => {
      throw new Problem('not_found', 'There is nothing at that path.');
    });
    app.get('*', (context) => this.#file(context));
    app.notFound(() => {
      throw new Problem('not_found', 'There is nothing at that path.');
    });
    app.onError((error, context) => this.#errorAnswer(error, context));
    return app;
  }

  #methodsOf(path: string): string[] {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
    return methods.flatMap((method) => (method === 'GET' ? [method, 'HEAD'] : [method]));
  }

  #addRoute(app: Hono<SiteEnv>, route: Route): void {
    const { access, port } = this.#site;
    app.on(
      route.method,
      route.path,
      async (context, next) => {
        if (route.method !== 'GET') access.requireOwnPage(context);
        const isHealth = route.needs === 'nothing' && route.method === 'GET';
        if (port.phase !== 'running' && !isHealth) {
          throw new Problem('unavailable', `The node is ${port.phase}.`);
        }
        // Who it is comes before what it sends.
        if (route.needs !== 'nothing') {
          context.set('session', await access.require(context, route.needs));
        }
        await next();
      },
      (context) =>
        route.needs === 'nothing'
          ? route.run(context, this.#site)
          : route.run(context, this.#site, context.get('session')),
    );
  }

  #file(context: SiteContext): Response {
    if (this.#files.size === 0 && context.req.path === '/') return context.text(noPage);
    const file = this.#files.get(context.req.path);
    if (file === undefined) throw new Problem('not_found', 'There is nothing at that path.');
    const { content, headers } = file;
    const isKnown = context.req.header('if-none-match') === headers['etag'];
    return isKnown ? context.body(null, 304, headers) : context.body(content, 200, headers);
  }

  /** What no URL can be made of does not get as far as a route. */
  #adapterAnswer(error: unknown): Response {
    const isRequest = error instanceof RequestError;
    if (!isRequest) this.#options.failed(error);
    const answer: ApiError = isRequest
      ? { error: 'bad_request', message: 'The path or the header Host makes no sense.' }
      : { error: 'internal', message: 'The log says why.' };
    return Response.json(answer, { status: isRequest ? 400 : 500, headers: securityHeaders });
  }

  #errorAnswer(error: unknown, context: SiteContext): Response {
    if (error instanceof Problem) {
      const answer: ApiError = { error: error.code, message: error.message };
      return context.json(answer, error.status);
    }
    // Who is gone needs no answer, and nobody else is concerned.
    if (!context.req.raw.signal.aborted) this.#options.failed(error);
    const answer: ApiError = { error: 'internal', message: 'The log says why.' };
    return context.json(answer, 500);
  }
}
