import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, HttpClient } from '../../packages/clacks/test/http/support.ts';
import { masterElement, startNode, synchronised } from '../interclacks/support.ts';
import type { Node } from '../interclacks/support.ts';
import { alertQueries, dashboard, dashboardQueries } from './files.ts';
import type { Query } from './files.ts';
import { readPromql } from './promql.ts';

/** Labels that Prometheus adds itself. */
const targetLabels = ['job', 'instance'];
/** What Prometheus itself knows of each target. */
const ownMetrics = ['up'];

const http = '<http><port>0</port></http>';

/** Values of each label, by metric and label. */
type Exposed = Map<string, Map<string, Set<string>>>;

const addSample = (exposed: Exposed, line: string): void => {
  const [, name = '', , labels = ''] = /^(\w+)(\{(.*)\})? \S+$/u.exec(line) ?? [];
  const values = exposed.get(name) ?? new Map<string, Set<string>>();
  exposed.set(name, values);
  for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/gu)) {
    values.set(label, (values.get(label) ?? new Set()).add(value));
  }
};

let master: Node;
let slave: Node;
beforeAll(async () => {
  master = await startNode(`${http}<persistancefile>cache</persistancefile>`);
  slave = await startNode(`${http}${masterElement(master.server)}`);
  await slave.log.next(synchronised);
});
afterAll(async () => {
  await slave.server[Symbol.asyncDispose]();
  await master.server[Symbol.asyncDispose]();
});

const scrape = async (): Promise<Exposed> => {
  const exposed: Exposed = new Map();
  for (const { server } of [master, slave]) {
    const reply = await new HttpClient(server).request('/metrics', { headers: basic('admin') });
    expect(reply.status).toBe(200);
    const samples = reply.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of samples) addSample(exposed, line);
  }
  return exposed;
};

/** What a query wants and no server has. */
const missingFor = ({ expr, text }: Query, exposed: Exposed): string[] => {
  const { selectors, groupedBy } = readPromql(expr);
  const missing: string[] = [];
  const labels = new Set(targetLabels);
  for (const { metric, matchers } of selectors) {
    const values = exposed.get(metric) ?? new Map<string, Set<string>>();
    for (const label of values.keys()) labels.add(label);
    if (!exposed.has(metric) && !ownMetrics.includes(metric)) missing.push(metric);
    for (const { label, value } of matchers) {
      if (targetLabels.includes(label)) continue;
      const known = values.get(label);
      if (known === undefined) missing.push(`${metric}{${label}}`);
      else if (value !== undefined && !known.has(value)) {
        missing.push(`${metric}{${label}="${value}"}`);
      }
    }
  }
  const shown = [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/gu)].map(([, label = '']) => label);
  for (const label of [...groupedBy, ...shown]) if (!labels.has(label)) missing.push(label);
  return missing;
};

const queries = [...dashboardQueries(), ...alertQueries()];

describe('the dashboard for Grafana and the alerts for Prometheus', () => {
  it('use metrics, labels and values that servers expose', async () => {
    expect(queries.length).toBeGreaterThan(50);
    // A link tells its lag when the first answer to a PING has come.
    await expect
      .poll(
        async () => {
          const exposed = await scrape();
          return queries.flatMap((query) =>
            missingFor(query, exposed).map((what) => `${query.where}: ${what}`),
          );
        },
        { timeout: 20_000, interval: 200 },
      )
      .toEqual([]);
  });

  it('and a wrong name, label or value would be found', async () => {
    const exposed = await scrape();
    const missing = (expr: string, text = ''): string[] =>
      missingFor({ where: 'here', expr, text }, exposed);
    expect(missing('rate(clacks_nothing_total[5m])')).toEqual(['clacks_nothing_total']);
    expect(missing('clacks_links{way="master"}')).toEqual(['clacks_links{way}']);
    expect(missing('clacks_links{direction="up"}')).toEqual(['clacks_links{direction="up"}']);
    expect(missing('sum by (verbs) (clacks_received_lines_total)')).toEqual(['verbs']);
    expect(missing('clacks_cache_entries', '{{ verb }}')).toEqual(['verb']);
    expect(() => missing('rate(clacks_links[5m)')).toThrow(SyntaxError);
  });
});

describe('the dashboard', () => {
  const { panels, templating } = dashboard;

  it('lets the data source be chosen, for all that it shows', () => {
    expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    const others = panels.filter(({ type }) => type !== 'row').map(({ datasource }) => datasource);
    expect(new Set(others.map((source) => JSON.stringify(source)))).toEqual(
      new Set(['{"type":"prometheus","uid":"${datasource}"}']),
    );
  });

  it('has panels that have a number each, and lie beside each other', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, taken.get(`${x},${y}`)]).toEqual([title, undefined]);
          taken.set(`${x},${y}`, title);
        }
      }
    }
  });
});
