import type { ApiError, ApiErrorCode } from 'clacks/admin-api';

/** Longest time that a request may take, in ms. */
const timeoutMs = 20_000;

/** A request that the server refused, or that did not reach it. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** A word of the server's, or `unreachable` if it did not answer. */
  readonly code: ApiErrorCode | 'unreachable';

  constructor(code: RequestError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What is asked for: paths are below `api/`. */
export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Parts of the query; those that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** Gives the request up. */
  readonly signal?: AbortSignal | undefined;
}

/** Where something of the API is, relative to the page. */
export const apiUrl = (path: string, query: ApiRequest['query'] = {}): string => {
  const parts = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  const text = new URLSearchParams(parts).toString();
  return text === '' ? `api/${path}` : `api/${path}?${text}`;
};

const errorOf = async (response: Response): Promise<RequestError> => {
  try {
    const { error, message } = (await response.json()) as ApiError;
    return new RequestError(error, message);
  } catch (cause) {
    // A proxy's answer, which is no JSON: the server behind it does not answer.
    return new RequestError('unreachable', `The server answered ${response.status}.`, { cause });
  }
};

const send = async ({
  method = 'GET',
  path,
  query,
  body,
  signal,
}: ApiRequest): Promise<Response> => {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await fetch(apiUrl(path, query), {
      method,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      headers: {
        ...(method !== 'GET' && { 'x-clacks': '1' }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new RequestError('unreachable', 'The server does not answer.', { cause });
  }
};

/**
 * Asks the API.
 *
 * @returns What it answers: one of the types of `clacks/admin-api`; undefined if that is nothing.
 * @throws RequestError (as a rejection) if it refuses, or does not answer within 20 s; what the
 *   signal is aborted with.
 */
export const request = async <Answer>(asked: ApiRequest): Promise<Answer> => {
  const response = await send(asked);
  if (!response.ok) throw await errorOf(response);
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
};

/** What went wrong, for people. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
