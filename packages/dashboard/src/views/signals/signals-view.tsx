import type { JSX } from 'preact';

/** TODO */
export const SignalsView = (): JSX.Element => <p>TODO</p>;
