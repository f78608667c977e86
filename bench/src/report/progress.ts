import type { Run } from '../bench.ts';
import { shortNumber } from './markdown.ts';

/** A line about a run, to be shown when it has ended. */
export const progressOf = ({ workload, peer, repetition, figures, lap, fault }: Run): string => {
  const numbers = Object.entries(figures).map(([key, value]) => `${key} ${shortNumber(value)}`);
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const loads = `server ${percent(lap.serverLoad)}, generator ${percent(lap.generatorLoad)}, others ${percent(lap.othersLoad)}`;
  const state = lap.isDisturbed ? ', DISTURBED' : '';
  const verified =
    fault === undefined ? '' : fault === '' ? ', every byte right' : `, FAULT: ${fault}`;
  return `${workload} ${peer} ${repetition}: ${numbers.join(', ')} (${loads}${state}${verified})\n`;
};
