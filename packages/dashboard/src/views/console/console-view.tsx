import type { JSX } from 'preact';

/** TODO */
export const ConsoleView = (): JSX.Element => <p>TODO</p>;
