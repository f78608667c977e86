import type { z } from 'zod';
import type {
  ApiConnection,
  ApiConnectionOrder,
  ApiError,
  ApiErrorCode,
  ApiNames,
  ApiNodes,
  ApiOverview,
  ApiPage,
  ApiSession,
} from '../../http/api-types.ts';
import { HttpClient } from '../../net/http-client.ts';
import type { HttpAnswer } from '../../net/http-client.ts';
import type { ConnectionSettings } from '../connection-settings.ts';
import { CommandError, UsageError } from '../exit-code.ts';
import { basicAuthorization } from '../http-login.ts';
import { formatHttpUrl } from '../http-url.ts';
import { explainDialError } from '../server-errors.ts';
import { tlsOptions } from '../with-client.ts';
import { answers, itemsMax } from './answers.ts';

const defaultTimeoutMs = 10_000;

/** The server answered that it will not. */
export class ApiRefusal extends CommandError {
  readonly refusal: ApiErrorCode;

  constructor(refusal: ApiErrorCode, message: string) {
    super(message);
    this.refusal = refusal;
  }
}

/** Which connections are asked for. */
export interface ConnectionQuery {
  readonly sort: ApiConnectionOrder;
  readonly isDescending: boolean;
  readonly filter: string;
}

/** The admin HTTP of a server, as a program uses it (docs/admin-http.md). */
export class AdminApi implements Disposable {
  readonly #client: HttpClient;
  readonly #settings: ConnectionSettings;
  readonly #where: string;

  private constructor(client: HttpClient, settings: ConnectionSettings, where: string) {
    this.#client = client;
    this.#settings = settings;
    this.#where = where;
  }

  /**
   * Prepares it; nothing is sent yet.
   *
   * @throws UsageError if it is not known where it is, or files cannot be used.
   */
  static async create(
    settings: ConnectionSettings,
    timeoutMs = defaultTimeoutMs,
  ): Promise<AdminApi> {
    const { http, username, password } = settings;
    if (http === undefined) {
      throw new UsageError(
        'The admin HTTP of the server is not known: give --http, or CLACKS_HTTP, and see docs/admin-http.md.',
      );
    }
    const { isTls, host, port } = http;
    const { insecure = false, ...files } = await tlsOptions(settings);
    const transport = 'tls' as const;
    const tls = isTls ? { transport, host, port, isVerified: !insecure, ...files } : undefined;
    // A change that comes from no browser says so.
    const headers = { authorization: basicAuthorization(username, password), 'x-clacks': '1' };
    const client = new HttpClient({ host, port, tls }, headers, timeoutMs);
    // Messages are about where it really went.
    const about = { ...settings, address: { kind: 'tcp' as const, host, port } };
    return new AdminApi(client, about, formatHttpUrl(http));
  }

  /** Who is logged in. */
  session(): Promise<ApiSession> {
    return this.#get('/api/session', answers.session);
  }

  overview(): Promise<ApiOverview> {
    return this.#get('/api/overview', answers.overview);
  }

  nodes(): Promise<ApiNodes> {
    return this.#get('/api/nodes', answers.nodes);
  }

  names(): Promise<ApiNames> {
    return this.#get(`/api/names?limit=${itemsMax}`, answers.names);
  }

  connections({ sort, isDescending, filter }: ConnectionQuery): Promise<ApiPage<ApiConnection>> {
    const order = isDescending ? 'desc' : 'asc';
    const query = new URLSearchParams({ sort, order, filter, limit: String(itemsMax) });
    return this.#get(`/api/connections?${query.toString()}`, answers.connections);
  }

  /** Closes a connection. */
  async kick(id: string): Promise<void> {
    const query = new URLSearchParams({ id });
    await this.#request('DELETE', `/api/connections?${query.toString()}`);
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }

  async #get<Type>(path: string, expected: z.ZodType): Promise<Type> {
    const { text } = await this.#request('GET', path);
    const answer = this.#parse(text);
    if (!expected.safeParse(answer).success) throw this.#notOurs();
    return answer as Type;
  }

  async #request(method: string, path: string): Promise<HttpAnswer> {
    let answer: HttpAnswer;
    try {
      answer = await this.#client.request(method, path);
    } catch (error) {
      throw explainDialError(error as Error, this.#settings);
    }
    if (answer.status < 400) return answer;
    const { error, message } = this.#parse(answer.text) as Partial<ApiError>;
    if (typeof error !== 'string' || typeof message !== 'string') throw this.#notOurs();
    const { username } = this.#settings;
    throw new ApiRefusal(error, `${this.#where} refuses it to ${username}: ${message}`);
  }

  #parse(text: string): object {
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null) return parsed;
    } catch {
      // Something else than JSON says as much as JSON of another kind.
    }
    throw this.#notOurs();
  }

  #notOurs(): CommandError {
    return new CommandError(`${this.#where} is no admin HTTP of a clacks server.`);
  }
}
