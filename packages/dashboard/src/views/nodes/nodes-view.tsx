import type { JSX } from 'preact';

/** TODO */
export const NodesView = (): JSX.Element => <p>TODO</p>;
