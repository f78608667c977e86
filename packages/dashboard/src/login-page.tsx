import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { messageOf } from './api/requests.ts';
import { session } from './state/session.ts';

const textOf = (data: FormData, name: string): string => {
  const value = data.get(name);
  return typeof value === 'string' ? value : '';
};

/** Asks for username and password. */
export const LoginPage = (): JSX.Element => {
  const problem = useSignal('');
  const isBusy = useSignal(false);

  const submit = async (form: HTMLFormElement): Promise<void> => {
    const data = new FormData(form);
    isBusy.value = true;
    problem.value = '';
    try {
      await session.login({
        username: textOf(data, 'username'),
        password: textOf(data, 'password'),
      });
    } catch (error) {
      problem.value = messageOf(error);
      form.querySelector<HTMLInputElement>('[name=password]')?.select();
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <main class="login">
      <h1>Clacks</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <label>
          Username
          <input name="username" autocomplete="username" required autofocus />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit" class="primary" disabled={isBusy}>
          Log in
        </button>
        <p role="alert" class="problem">
          {problem}
        </p>
      </form>
    </main>
  );
};
