/** The header `Authorization` that logs in at the admin HTTP (docs/admin-http.md). */
export const basicAuthorization = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
