import type { JSX } from 'preact';

/** TODO */
export const OverviewView = (): JSX.Element => <p>TODO</p>;
