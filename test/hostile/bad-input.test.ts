import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';

const mib = 1024 * 1024;
const everyByteButLineBreaks = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
  .join('')
  .replaceAll(/[\r\n]/gu, '');

let server: TestServer;
/** Somebody who behaves, and must notice nothing. */
let witness: RawClient;
let serial = 0;

beforeAll(async () => {
  server = await TestServer.start({
    xml: `<maxlinelength>${mib}</maxlinelength><maxoutbuffer>${4 * mib}</maxoutbuffer>
      <authtimeout>1</authtimeout>`,
  });
  witness = await RawClient.login(server);
});

afterAll(async () => {
  witness.destroy();
  await server[Symbol.asyncDispose]();
});

/** The witness, who has been there all the time, and a newcomer are served as ever. */
const expectServedAsEver = async (): Promise<void> => {
  serial++;
  const name = `ever::${serial}`;
  const newcomer = await RawClient.login(server);
  witness.send(`LISTEN ${name}`);
  expect(await witness.fence()).toEqual([]);
  newcomer.send(`STORE ${name}=1`, `SET ${name}=2`, `RETRIEVE ${name}`);
  expect(await newcomer.fence()).toEqual([`RETRIEVED ${name}=1`]);
  expect(await witness.fence()).toEqual([`SET ${name}=2`]);
  newcomer.destroy();
};

/** A mulberry32 generator: the same bytes in every run. */
const randomBytes = (length: number, seed: number): string => {
  let state = seed;
  let bytes = '';
  for (let index = 0; index < length; index++) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    bytes += String.fromCharCode((mixed ^ (mixed >>> 14)) & 0xff);
  }
  return bytes;
};

describe('the server goes on and the others notice nothing when a client', () => {
  it('sends a line without end', async () => {
    const client = await RawClient.login(server);
    client.sendRaw(`STORE x=${'y'.repeat(mib)}`);
    const lines = await client.closed();
    expect(lines).toEqual([`OVERHEAD E limit_exceeded maxlinelength ${mib} bytes`]);
    await expectServedAsEver();
  });

  it('sends a line that is as long as allowed, and one that is a byte longer', async () => {
    const client = await RawClient.login(server);
    const value = 'v'.repeat(mib - 'STORE longest='.length);
    client.send(`STORE longest=${value}`, 'RETRIEVE longest');
    // The answer is longer than the command, and limits are for what comes in.
    expect(await client.fence()).toEqual([`RETRIEVED longest=${value}`]);
    client.send(`STORE longest=${value}x`);
    const lines = await client.closed();
    expect(lines).toEqual([`OVERHEAD E limit_exceeded maxlinelength ${mib} bytes`]);
    await expectServedAsEver();
  });

  it('sends binary garbage before it has logged in', async () => {
    const client = await RawClient.unix(server);
    client.sendRaw(randomBytes(70_000, 1));
    const lines = await client.closed();
    expect(lines.at(-1)).toBe('OVERHEAD E limit_exceeded 65536 bytes before login');
    await expectServedAsEver();
  });

  it('sends binary garbage after it has logged in', async () => {
    const client = await RawClient.login(server);
    client.sendRaw(`${randomBytes(200_000, 2)}\r\n`);
    const lines = await client.fence();
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.every((line) => line.startsWith('OVERHEAD E unknown_command '))).toBe(true);
    client.destroy();
    await expectServedAsEver();
  });

  it('sends garbage instead of a TLS handshake', async () => {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    await expectServedAsEver();
  });

  it('stops in the middle of a TLS handshake', async () => {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    // The beginning of a ClientHello record that announces 512 bytes.
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    await expectServedAsEver();
    await once(socket, 'close');
    await expectServedAsEver();
  });

  it('vanishes in the middle of a line', async () => {
    const client = await RawClient.login(server);
    client.send('STORE half=1');
    await client.fence();
    client.sendRaw('STORE half=2');
    client.destroy();
    await expectServedAsEver();
    witness.send('RETRIEVE half');
    expect(await witness.fence()).toEqual(['RETRIEVED half=1']);
  });

  it('dies with bytes waiting for it, which are counted', async () => {
    const client = await RawClient.login(server);
    client.send('LISTEN bulk');
    await client.fence();
    client.socket.pause();
    witness.send('MONITOR');
    for (let round = 0; round < 40; round++) witness.send(`SET bulk=${'b'.repeat(64 * 1024)}`);
    await witness.fence();
    client.destroy();
    await witness.waitFor((line) => /^DEBUG DISC.*\([1-9]\d{5,} bytes discarded/u.test(line));
    witness.send('UNMONITOR');
    await witness.fence();
    await expectServedAsEver();
  });

  it('closes its side in the middle of a line', async () => {
    const client = await RawClient.login(server);
    client.sendRaw('STORE half=3\r\nRETRIEVE half\r\nSTORE half=4');
    client.socket.end();
    expect(await client.closed()).toEqual(['RETRIEVED half=3']);
    witness.send('RETRIEVE half');
    expect(await witness.fence()).toEqual(['RETRIEVED half=3']);
  });

  it('never reads what it asked for', async () => {
    const deaf = await RawClient.login(server);
    deaf.send('LISTEN flood');
    await deaf.fence();
    deaf.socket.pause();
    witness.send('MONITOR');
    await witness.fence();
    const sender = await RawClient.login(server);
    for (let round = 0; round < 200; round++) sender.send(`SET flood=${'f'.repeat(64 * 1024)}`);
    await sender.fence();
    await witness.waitFor((line) => /^DEBUG DISCONNECTED=.*\([1-9]\d+ bytes disc/u.test(line));
    witness.send('UNMONITOR');
    await witness.fence();
    sender.destroy();
    deaf.destroy();
    await expectServedAsEver();
  });

  it.each([
    'OVERHEAD A',
    'OVERHEAD A x',
    'OVERHEAD A :',
    'OVERHEAD A ====:====',
    `OVERHEAD A ${'QUJD'.repeat(10_000)}:${'QUJD'.repeat(4_000)}`,
    'OVERHEAD A YWRtaW4=:YWRtaW5wYXN=',
    'OVERHEAD A YWRtaW4:YWRtaW5wYXNz:YWRtaW5wYXNz',
    'OVERHEAD A \u0000\u00ff',
  ])('shows the wrong token %.40j', async (line) => {
    const client = await RawClient.unix(server);
    client.send(line, 'STORE intruder=1');
    const lines = await client.closed();
    expect(lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^CLACKS clacks-ts /u),
      'OVERHEAD M Authentication required',
    ]);
    // A line without a token is no login: then the time for it runs out.
    expect(lines.slice(2)).toEqual(line === 'OVERHEAD A' ? [] : ['OVERHEAD F Login failed!']);
    witness.send('RETRIEVE intruder');
    expect(await witness.fence()).toEqual(['NOTRETRIEVED intruder']);
  });

  it('connects a thousand times without logging in', async () => {
    const strangers = await Promise.all(Array.from({ length: 1000 }, () => RawClient.unix(server)));
    await expectServedAsEver();
    for (const stranger of strangers) await stranger.closed();
    await expectServedAsEver();
  });

  it('uses names and values of every byte', async () => {
    const client = await RawClient.login(server);
    const name = everyByteButLineBreaks.replaceAll(/[ =]/gu, '');
    client.send(`LISTEN ${name}`, `STORE ${name}=${everyByteButLineBreaks}`, `RETRIEVE ${name}`);
    expect(await client.fence()).toEqual([`RETRIEVED ${name}=${everyByteButLineBreaks}`]);
    witness.send(`SET ${name}=${everyByteButLineBreaks}`, `REMOVE ${name}`);
    await witness.fence();
    expect(await client.fence()).toEqual([`SET ${name}=${everyByteButLineBreaks}`]);
    client.destroy();
    await expectServedAsEver();
  });

  it('uses UTF-8, and bytes that are no UTF-8', async () => {
    const client = await RawClient.login(server);
    const wire = Buffer.from('Küche::温度=−21,5 °C 🌡', 'utf8').toString('latin1');
    client.send(`STORE ${wire}`, 'STORE broken=\u00c3\u0028\u00ff\u00fe', 'RETRIEVE broken');
    client.send(`RETRIEVE ${Buffer.from('Küche::温度', 'utf8').toString('latin1')}`);
    expect(await client.fence()).toEqual([
      'RETRIEVED broken=\u00c3\u0028\u00ff\u00fe',
      `RETRIEVED ${wire}`,
    ]);
    client.destroy();
  });

  it('uses a name of half a megabyte', async () => {
    const client = await RawClient.login(server);
    const name = 'n'.repeat(mib / 2);
    client.send(`LISTEN ${name}`, `INCREMENT ${name}`, `RETRIEVE ${name}`, `REMOVE ${name}`);
    expect(await client.fence()).toEqual([`RETRIEVED ${name}=1`]);
    client.destroy();
    await expectServedAsEver();
  });
});
