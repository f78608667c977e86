import type { JSX } from 'preact';

/** TODO */
export const ConnectionsView = (): JSX.Element => <p>TODO</p>;
