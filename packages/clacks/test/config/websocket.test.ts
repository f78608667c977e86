import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { account, ConfigDirectory, parseWith } from './support.ts';

describe('<websocket>', () => {
  it('is read with every key', async () => {
    await using directory = await ConfigDirectory.with({
      'server.crt': '',
      'server.key': '',
      'c.xml': `<clacks>${account}<ssl cert="server.crt" key="server.key"/>
        <websocket port="8443"><ip>::1</ip><ip>192.0.2.1</ip><origin>https://House.example</origin>
        <origin>http://localhost:8080/</origin></websocket></clacks>`,
    });
    const { webSocket } = await loadConfig('c.xml', directory);
    expect(webSocket).toEqual({
      http: false,
      ips: ['::1', '192.0.2.1'],
      port: 8443,
      tls: true,
      origins: ['https://house.example', 'http://localhost:8080'],
    });
  });

  it('is on this machine only, unless it says so', async () => {
    const { webSocket } = await parseWith('<websocket tls="0"/>');
    expect(webSocket).toEqual({
      http: false,
      ips: ['127.0.0.1'],
      port: 49_887,
      tls: false,
      origins: [],
    });
  });

  it('is on the admin HTTP in place of a port of its own, if it says so', async () => {
    const { webSocket, ips } = await parseWith(
      '<http port="0"/><websocket http="1" origin="https://house.example"/>',
    );
    expect(ips).toEqual([]);
    expect(webSocket).toMatchObject({ http: true, ips: [], origins: ['https://house.example'] });
  });

  it.each(['', '<websocket/>', '<websocket><ip/></websocket>'])('is off with %j', async (xml) => {
    expect((await parseWith(xml)).webSocket).toBeUndefined();
  });
});
