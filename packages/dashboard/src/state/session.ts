import { signal } from '@preact/signals';
import type { ApiLogin, ApiNobody, ApiSession } from 'clacks/admin-api';
import { request, RequestError } from '../api/requests.ts';

/** Waits between questions to a server that does not answer, in ms. */
const waitMs = 1000;

/** What a server says to a login that it will not take later either. */
const refusals: ReadonlySet<string> = new Set(['login_failed', 'permission_denied', 'bad_request']);

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Who is logged in. */
class Session {
  /** Whether somebody is, as far as it is known. */
  readonly state = signal<'unknown' | 'in' | 'out'>('unknown');
  /** Who, and what that one may do. */
  readonly user = signal<ApiSession>({ username: '', read: false, write: false, manage: false });
  /**
   * What the user typed, for as long as the page is open and logged in: a server that was started
   * anew has forgotten all sessions, and nobody wants to type that again at each screen of a house.
   */
  #login: ApiLogin | undefined;
  /** All feeds ask at the same time. */
  #checking: Promise<boolean> | undefined;

  /**
   * Logs in.
   *
   * @throws RequestError (as a rejection) if the server refuses, or does not answer.
   */
  async login(login: ApiLogin): Promise<void> {
    this.#enter(await request<ApiSession>({ method: 'POST', path: 'login', body: login }));
    this.#login = login;
  }

  /**
   * Logs out. Who is not logged in any more needs no answer.
   *
   * @throws RequestError (as a rejection) if the server does not answer: the session goes on then.
   */
  async logout(): Promise<void> {
    await request({ method: 'POST', path: 'logout' });
    this.#leave();
  }

  /**
   * Asks who is logged in, until the server answers.
   *
   * @returns Whether somebody is.
   */
  check(): Promise<boolean> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<boolean> {
    for (;;) {
      try {
        const user = await request<ApiSession | ApiNobody>({ path: 'session' });
        if (user.username === null) {
          return (user.isForgotten && (await this.#loginAgain())) || this.#leave();
        }
        this.#enter(user);
        return true;
      } catch {
        // Away, or it starts.
      }
      await delay(waitMs);
    }
  }

  async #loginAgain(): Promise<boolean> {
    if (this.#login === undefined) return false;
    try {
      await this.login(this.#login);
      return true;
    } catch (error) {
      const isRefused = error instanceof RequestError && refusals.has(error.code);
      // It is gone again, or cannot say so far: it is asked once more.
      if (!isRefused) throw error;
      // The form says why, when the user tries.
      return false;
    }
  }

  #enter(user: ApiSession): void {
    this.user.value = user;
    this.state.value = 'in';
  }

  #leave(): false {
    this.#login = undefined;
    this.state.value = 'out';
    return false;
  }
}

/** Who is logged in, in this page. */
export const session = new Session();
