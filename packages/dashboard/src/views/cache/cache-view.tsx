import type { JSX } from 'preact';

/** TODO */
export const CacheView = (): JSX.Element => <p>TODO</p>;
