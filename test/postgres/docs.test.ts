import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '@clacks/client';
import { installPostgres, PostgresBridge } from 'clacks/postgres';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { hasPostgres, TestCluster, TestSession } from './cluster.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const page = readFileSync(path.join(root, 'docs', 'postgres.md'), 'utf8');
const [trigger = '', direct = ''] = [...page.matchAll(/```sql\n(.*?)```/gsu)].map(([, sql]) => sql);

describe.skipIf(!hasPostgres)('docs/postgres.md', () => {
  it('has a trigger that sends, and a notification that is understood', async () => {
    await using cluster = await TestCluster.start();
    await using server = await TestServer.start();
    const login = { path: server.socketPath, username: 'admin', password: 'adminpass' };
    await using clacks = await connect(login);
    const listener = await RawClient.login(server);
    listener.send('LISTEN Kitchen::**');
    await listener.fence();
    const url = cluster.url();
    await installPostgres(url, { schema: 'public' });
    await using bridge = new PostgresBridge({ pg: url, clacks });
    await bridge.start();
    await using session = await TestSession.open(url);
    await session.rows(trigger);
    await session.rows(`INSERT INTO measurements VALUES ('Oven', 180), ('Fridge', 4.5)`);
    await session.rows(direct);
    await listener.waitFor((line) => line === 'SET Kitchen::Light=on');
    expect(await listener.fence()).toEqual([
      'SET Kitchen::Oven::Temperature=180',
      'SET Kitchen::Fridge::Temperature=4.5',
      'SET Kitchen::Light=on',
    ]);
    expect(await clacks.retrieve('Kitchen::Measurements')).toBe('2');
    listener.destroy();
  });
});
