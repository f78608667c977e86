import type { ApiSignal } from 'clacks/admin-api';

/** Those signals whose name or value holds a text, in capitals or not; all if it is empty. */
export const filterSignals = <Row extends ApiSignal>(
  rows: readonly Row[],
  text: string,
): readonly Row[] => {
  const wanted = text.toLowerCase();
  if (wanted === '') return rows;
  return rows.filter(
    ({ name, value }) =>
      name.toLowerCase().includes(wanted) || value?.toLowerCase().includes(wanted) === true,
  );
};
