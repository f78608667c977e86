import type { ApiErrorCode } from './api-types.ts';

const statuses = {
  bad_request: 400,
  not_logged_in: 401,
  login_failed: 401,
  permission_denied: 403,
  foreign_origin: 403,
  not_found: 404,
  method_not_allowed: 405,
  too_large: 413,
  too_many: 429,
  internal: 500,
  unavailable: 503,
  login_unavailable: 503,
} as const satisfies Record<ApiErrorCode, number>;

/** Why a request is not done, for its answer: never an error of the server. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ApiErrorCode;
  readonly status: (typeof statuses)[ApiErrorCode];

  /** @param message - For people. */
  constructor(code: ApiErrorCode, message: string) {
    super(message);
    this.code = code;
    this.status = statuses[code];
  }
}
