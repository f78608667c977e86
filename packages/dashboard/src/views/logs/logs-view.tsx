import type { JSX } from 'preact';

/** TODO */
export const LogsView = (): JSX.Element => <p>TODO</p>;
