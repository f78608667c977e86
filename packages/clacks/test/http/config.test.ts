import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { Server } from 'clacks';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import { TestServer } from '../../../../test/support/test-server.ts';
import { HttpClient, startHttp } from './support.ts';

it('is off unless it is configured', async () => {
  await using server = await TestServer.start({ xml: '<http/>' });
  expect(server.server.httpAddress).toBeUndefined();
});

it('is configured by an object as well', async () => {
  await using files = await TestServer.start();
  const server = new Server({
    config: {
      sockets: [path.join(files.directory, 'other.sock')],
      users: [{ username: 'admin', password: 'adminpass' }],
      http: { port: 0 },
    },
  });
  await server.start();
  expect(server.httpAddress).toMatchObject({ host: '127.0.0.1', isTls: false });
  await server.stop();
});

describe('a configuration', () => {
  it.each([
    ['<http><port>65536</port></http>', /http\/port: expected a whole number from 0 to 65535/u],
    ['<http><port>0</port><cret>1</cret></http>', /http\/cret: unknown key; did you mean/u],
    ['<http><port>0</port><trustproxy>all</trustproxy></http>', /http\/trustproxy: expected/u],
    ['<http><ip>a b</ip></http>', /http\/ip: expected an IP address or a host name/u],
    ['<http><cert>nothing.crt</cert></http>', /http\/cert: there is no readable file/u],
    ['<http><cert>server.crt</cert></http>', /http: has only one of cert and key/u],
    ['<http tls="0" cert="server.crt" key="server.key"/>', /http: has cert and key, but no tls/u],
    [
      '<http><ip>0.0.0.0</ip><tls>0</tls></http>',
      /http: others than this machine reach 0\.0\.0\.0/u,
    ],
    [
      '<http><port>0</port></http><http><port>0</port></http>',
      /http\[2\]: is given more than once/u,
    ],
  ])('such as %s is refused', async (xml, problem) => {
    await expect(TestServer.start({ xml })).rejects.toThrow(problem);
  });

  it.each<[object, RegExp]>([
    [{ tls: true }, /http: has tls, but no certificate/u],
    [{ ip: '0.0.0.0' }, /http: others than this machine reach/u],
    [{ port: -1 }, /http\.port/u],
    [{ trustProxy: 1 }, /http\.trustProxy/u],
    [{ prot: 1 }, /http\.prot: unknown key; did you mean http\.port/u],
  ])('such as %j of a program is refused', async (http, problem) => {
    const config = { sockets: ['never.sock'], users: [{ username: 'a', password: 'b' }], http };
    await expect(new Server({ config }).start()).rejects.toThrow(problem);
  });
});

it('says where it cannot listen, and then nothing listens', async () => {
  const taken = net.createServer();
  await new Promise<void>((resolve) => {
    taken.listen(0, '127.0.0.1', resolve);
  });
  const { port } = taken.address() as net.AddressInfo;
  await expect(startHttp('', {}, `<http><port>${port}</port></http>`)).rejects.toThrow(
    `Cannot listen on 127.0.0.1 port ${port} (http): another process is listening there`,
  );
  taken.close();
});

it('takes TLS on addresses that others reach, with the certificate of the node', async () => {
  await using server = await startHttp('', {}, '<http ip="0.0.0.0" port="0"/>');
  const { port, isTls } = server.server.httpAddress ?? {};
  expect(isTls).toBe(true);
  const client = new HttpClient(server);
  const at = `https://127.0.0.1:${port ?? 0}/healthz`;
  expect((await client.open(at)).statusCode).toBe(200);
});

it('takes another certificate after a reload, and tells that its address needs a restart', async () => {
  const other = await makeCertificate();
  await using server = await startHttp(
    '',
    { files: { 'http.crt': other.cert, 'http.key': other.key } },
    '<http port="0" cert="http.crt" key="http.key"/>',
  );
  await expect(new HttpClient(server).request('/healthz')).rejects.toThrow(/certificate/u);
  for (const name of ['crt', 'key']) {
    const { readFile } = await import('node:fs/promises');
    const own = await readFile(path.join(server.directory, `server.${name}`));
    await writeFile(path.join(server.directory, `http.${name}`), own);
  }
  expect(await server.server.reload()).toEqual({ changed: ['http'], needsRestart: [] });
  expect((await new HttpClient(server).request('/healthz')).status).toBe(200);
  await server.configure('<http port="0" tls="1"/>');
  expect(await server.server.reload()).toEqual({ changed: ['user'], needsRestart: ['http'] });
  expect((await new HttpClient(server).request('/healthz')).status).toBe(200);
});
