import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const root = path.dirname(path.dirname(import.meta.dirname));

/** The path of a file of the repository. */
export const fileAt = (...parts: string[]): string => path.join(root, ...parts);

/** The path of a file for operators. */
export const operateFile = (...parts: string[]): string =>
  fileAt('packages', 'clacks', 'operate', ...parts);

/** Something that is drawn, or told, from metrics. */
export interface Query {
  readonly where: string;
  readonly expr: string;
  /** Text with labels in it. */
  readonly text: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly datasource?: unknown;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

/** What the tests look at in a dashboard of Grafana. */
export interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: {
    readonly list: readonly { name: string; expr?: string; titleFormat?: string }[];
  };
  readonly templating: {
    readonly list: readonly { name: string; type: string; definition?: string }[];
  };
}

/** The dashboard. */
export const dashboard = JSON.parse(
  readFileSync(operateFile('grafana', 'clacks.json'), 'utf8'),
) as Dashboard;

/** Its queries, with what Grafana puts in place of its variables of time. */
export const dashboardQueries = (): Query[] => {
  const { panels, annotations, templating } = dashboard;
  const drawn = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ where: title, expr, text: legendFormat })),
  );
  const marked = annotations.list.flatMap(({ name, expr, titleFormat = '' }) =>
    expr === undefined ? [] : [{ where: name, expr, text: titleFormat }],
  );
  const chosen = templating.list.flatMap(({ name, definition }) => {
    const [, expr = '', label = ''] = /^label_values\((.*), (\w+)\)$/u.exec(definition ?? '') ?? [];
    return definition === undefined ? [] : [{ where: name, expr, text: `{{${label}}}` }];
  });
  return [...drawn, ...marked, ...chosen].map((query) => ({
    ...query,
    expr: query.expr.replaceAll('$__rate_interval', '5m'),
  }));
};

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The alerts. */
export const alertQueries = (): Query[] => {
  const text = readFileSync(operateFile('prometheus', 'clacks.rules.yml'), 'utf8');
  const { groups } = parse(text) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) =>
    rules.map(({ alert, expr, annotations }) => ({
      where: alert,
      expr,
      text: Object.values(annotations).join('\n').replaceAll('$labels.', ''),
    })),
  );
};
