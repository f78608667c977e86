/** Entries of a large synchronisation between two lines of the log. */
const entriesBetweenReports = 100_000;

/** Whether a line of the log is due when so many entries were synchronised. */
export const isReportDue = (before: number, now: number): boolean =>
  Math.floor(now / entriesBetweenReports) > Math.floor(before / entriesBetweenReports);
