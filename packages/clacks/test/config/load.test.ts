import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../src/config/defaults.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigDirectory, errorOf, parse, parseWith } from './support.ts';

const examples = path.resolve(import.meta.dirname, '../../../../examples');

const articleFiles = async () => ({
  'clacks_master.xml': await readFile(path.join(examples, 'clacks_master.xml'), 'utf8'),
  'clacks_slaveserver.xml': await readFile(path.join(examples, 'clacks_slaveserver.xml'), 'utf8'),
  'exampleserver.crt': '',
  'exampleserver.key': '',
});

const allPermissions = { read: true, write: true, manage: true, interclacks: true };

describe("the article's configurations", () => {
  it('are read: the master', async () => {
    await using directory = await ConfigDirectory.with(await articleFiles());
    expect(await loadConfig('clacks_master.xml', directory)).toEqual({
      ...defaultConfig,
      appName: 'Clacks Master',
      ips: ['127.0.0.1'],
      port: 49_888,
      pingTimeoutMs: 600_000,
      interclacksPingTimeoutMs: 60_000,
      tls: {
        certFile: directory.at('exampleserver.crt'),
        keyFile: directory.at('exampleserver.key'),
        caFile: undefined,
        requireClientCert: false,
      },
      users: [{ username: 'exampleuser', password: 'unsafepassword', permissions: allPermissions }],
      notices: ['<throttle> has no effect in this server'],
    });
  });

  it('are read: the slave', async () => {
    await using directory = await ConfigDirectory.with(await articleFiles());
    const config = await loadConfig('clacks_slaveserver.xml', directory);
    expect(config.port).toBe(49_889);
    expect(config.master).toEqual({
      ip: '127.0.0.1',
      port: 49_888,
      caFile: undefined,
      fingerprint: undefined,
      insecure: false,
      sync: 'merge',
    });
  });

  it('put the ips of the developmentbox in place of the others there', async () => {
    await using directory = await ConfigDirectory.with(await articleFiles());
    const { cwd, environment } = directory;
    const onBox = { cwd, environment, hostname: 'developmentbox' };
    expect((await loadConfig('clacks_master.xml', onBox)).ips).toEqual(['128.0.0.1', '::1']);
  });
});

describe('reading a configuration', () => {
  it('reads every key', async () => {
    await using directory = await ConfigDirectory.with({
      'ca.crt': '',
      'server.crt': '',
      'server.key': '',
      'c.xml': `<?xml version="1.0" encoding="UTF-8"?>
      <!-- everything -->
      <clacks>
        <appname>Everything &amp; more</appname>
        <loglevel>warn</loglevel>
        <ip>127.0.0.1</ip><ip>::1</ip><port>0</port>
        <socket>a.sock</socket><socket>/run/b.sock</socket>
        <socketchmod>0770</socketchmod>
        <socketcommands>chgrp sensors a.sock</socketcommands>
        <ssl><cert>server.crt</cert><key>server.key</key><ca>ca.crt</ca>
          <requireclientcert>0</requireclientcert></ssl>
        <username>admin</username><password>secret</password>
        <user><username>r</username><password>1</password><read>1</read></user>
        <user username="w" password="2" write="1" manage="0"/>
        <user><username>c</username><certsubject>CN=c, O=House</certsubject></user>
        <master>
          <socket>master.sock</socket><sync>replace</sync>
        </master>
        <pingtimeout>1</pingtimeout><interclackspingtimeout>2</interclackspingtimeout>
        <interclacksreconnecttimeout>3</interclacksreconnecttimeout>
        <authtimeout>0.25</authtimeout>
        <persistancefile>cache.dat</persistancefile><persistanceinterval>5</persistanceinterval>
        <deletedcachetime>6</deletedcachetime><stalecachetime>0</stalecachetime>
        <cachecleaninterval>8</cachecleaninterval>
        <stalledwritetimeout>9</stalledwritetimeout>
        <interclacksstalledwritetimeout>10</interclacksstalledwritetimeout>
        <readfailtimeout>11</readfailtimeout>
        <interclacksreadfailtimeout>12</interclacksreadfailtimeout>
        <throttle><maxsleep>100</maxsleep><step>10</step></throttle>
        <debugfile>debug.txt</debugfile>
        <maxlinelength>2000</maxlinelength><maxoutbuffer>3000</maxoutbuffer>
        <maxbuffered>4000</maxbuffered>
        <maxconnections>5</maxconnections><maxconnectionsperhost>6</maxconnectionsperhost>
        <maxnames>9</maxnames><maxmessagespersecond>10</maxmessagespersecond>
        <maxcacheentries>7</maxcacheentries><maxcachebytes>8000</maxcachebytes>
      </clacks>`,
    });
    expect(await loadConfig('c.xml', directory)).toEqual({
      appName: 'Everything & more',
      logLevel: 'warn',
      ips: ['127.0.0.1', '::1'],
      port: 0,
      sockets: [directory.at('a.sock'), '/run/b.sock'],
      socketMode: 0o770,
      socketCommands: ['chgrp sensors a.sock'],
      tls: {
        certFile: directory.at('server.crt'),
        keyFile: directory.at('server.key'),
        caFile: directory.at('ca.crt'),
        requireClientCert: false,
      },
      users: [
        { username: 'admin', password: 'secret', permissions: allPermissions },
        {
          username: 'r',
          password: '1',
          permissions: { read: true, write: false, manage: false, interclacks: false },
        },
        {
          username: 'w',
          password: '2',
          permissions: { read: false, write: true, manage: false, interclacks: false },
        },
        {
          username: 'c',
          certificateSubject: 'CN=c,O=House',
          permissions: { read: false, write: false, manage: false, interclacks: false },
        },
      ],
      master: {
        ip: undefined,
        port: 49_888,
        socket: directory.at('master.sock'),
        caFile: undefined,
        certFile: undefined,
        keyFile: undefined,
        fingerprint: undefined,
        insecure: false,
        sync: 'replace',
      },
      pingTimeoutMs: 1000,
      interclacksPingTimeoutMs: 2000,
      interclacksReconnectTimeoutMs: 3000,
      authTimeoutMs: 250,
      persistenceFile: directory.at('cache.dat'),
      persistenceIntervalMs: 5000,
      deletedCacheTimeMs: 6000,
      staleCacheTimeMs: 0,
      cacheCleanIntervalMs: 8000,
      stalledWriteTimeoutMs: 9000,
      interclacksStalledWriteTimeoutMs: 10_000,
      maxLineLength: 2000,
      maxOutbuffer: 3000,
      maxBuffered: 4000,
      maxConnections: 5,
      maxConnectionsPerHost: 6,
      maxNames: 9,
      maxMessagesPerSecond: 10,
      maxCacheEntries: 7,
      maxCacheBytes: 8000,
      notices: [
        '<throttle> has no effect in this server',
        '<debugfile> has no effect in this server',
        '<readfailtimeout> has no effect in this server',
        '<interclacksreadfailtimeout> has no effect in this server',
      ],
    });
  });

  it('takes the names that a user may read and write, in one element or several', async () => {
    const config = await parseWith(`
      <user><username>cook</username><password>1</password>
        <readnames>Kitchen::** Küche::*</readnames><readnames>Door</readnames>
        <read>1</read><maxmessagespersecond>5</maxmessagespersecond></user>
      <user username="b" password="2" writenames="Kitchen::Heater::*"/>`);
    const [, cook, other] = config.users.map(({ permissions }) => permissions);
    expect(cook).toMatchObject({ read: ['Kitchen::**', 'Küche::*', 'Door'], write: false });
    expect(cook?.maxMessagesPerSecond).toBe(5);
    expect(other).toMatchObject({ read: false, write: ['Kitchen::Heater::*'], manage: false });
  });

  it('takes attributes as it takes elements', async () => {
    const config = await parse(
      `<clacks username="admin" password="a&quot;b" pingtimeout="7">
         <socket>s</socket><master ip="10.0.0.1" port="1"/>
       </clacks>`,
    );
    expect(config.users[0]?.password).toBe('a"b');
    expect(config.pingTimeoutMs).toBe(7000);
    expect(config.master).toMatchObject({ ip: '10.0.0.1', port: 1 });
  });

  it('takes an empty element for one that is not there', async () => {
    const config = await parseWith(`
      <ip/><socket></socket><port> </port><ssl><cert/><key></key></ssl><user/>
      <master><ip/></master><persistancefile/><throttle/><http/><hosts/>`);
    expect(config).toEqual({
      ...defaultConfig,
      sockets: ['/nowhere/clacks.sock'],
      users: config.users,
    });
    expect(config.users).toHaveLength(1);
  });

  it('takes names and passwords exactly, and other values without the space around them', async () => {
    const config = await parse(
      `<clacks><username> a </username><password> p <![CDATA[<&]]></password>
       <socket>
         clacks.sock
       </socket></clacks>`,
    );
    expect(config.users[0]).toMatchObject({ username: ' a ', password: ' p <&' });
    expect(config.sockets).toEqual(['/nowhere/clacks.sock']);
  });

  it("brings a master's fingerprint into one form", async () => {
    const colons = Array.from({ length: 32 }, () => 'AB').join(':');
    for (const written of [colons, colons.toLowerCase(), 'ab'.repeat(32)]) {
      const config = await parseWith(`<master ip="m" fingerprint="${written}"/>`);
      expect(config.master?.fingerprint).toBe(colons);
    }
  });

  it('says that a single line may fill an output buffer', async () => {
    const { notices } = await parseWith('<maxoutbuffer>2000</maxoutbuffer>');
    expect(notices).toEqual([expect.stringContaining('<maxoutbuffer> is not above')]);
  });
});

describe('the section of a host', () => {
  const users = (name: string) => `<user username="${name}" password="x"/>`;

  it('is used on that host only, and replaces key by key', async () => {
    const config = await parseWith(`
      ${users('a')}${users('b')}<pingtimeout>1</pingtimeout><authtimeout>1</authtimeout>
      <hosts>
        <box>${users('c')}<pingtimeout>2</pingtimeout><authtimeout/></box>
        <otherbox><pingtimeout>3</pingtimeout></otherbox>
      </hosts>`);
    expect(config.users.map(({ username }) => username)).toEqual(['admin', 'c']);
    expect(config.pingTimeoutMs).toBe(2000);
    expect(config.authTimeoutMs).toBe(1000);
  });

  it('is checked on every host', async () => {
    const error = await errorOf(
      parseWith('<hosts><otherbox>\n<pingtimeot>3</pingtimeot></otherbox></hosts>'),
    );
    expect(error.message).toBe(
      'c.xml:4: hosts/otherbox/pingtimeot: unknown key; did you mean pingtimeout?',
    );
  });

  it('is named where its settings do not fit the others', async () => {
    const error = await errorOf(parseWith('<hosts>\n<box><ssl cert="x"/></box></hosts>'));
    expect(error.key).toBe('hosts/box/ssl/cert');
    expect(error.line).toBe(4);
  });
});

describe('variables', () => {
  it('are replaced wherever their name occurs, the longer one first', async () => {
    const environment = {
      PC_PORT: '77',
      PC_P: 'no',
      PC_HOST: 'box',
      OTHER: 'no',
      PC_SELF: 'PC_PORT',
    };
    const config = await parseWith(
      `<port>PC_PORT1</port><appname>OTHER PC_SELF xPC_Px</appname>
       <hosts><PC_HOST maxconnections="PC_PORT"/></hosts>`,
      environment,
    );
    expect(config).toMatchObject({ port: 771, appName: 'OTHER PC_PORT xnox', maxConnections: 77 });
  });

  it('cannot bring in markup', async () => {
    const config = await parseWith('<appname>PC_X</appname>', {
      PC_X: '</appname><port>1</port>&',
    });
    expect(config.appName).toBe('</appname><port>1</port>&');
    expect(config.port).toBe(defaultConfig.port);
  });

  it.each(['chown PC_OWNER s', 'PC_OWNER/run x', 'PC_OWNER'])(
    'may be words of the socket command %j, or parts of one',
    async (command) => {
      const xml = `<socketcommands> ${command} </socketcommands>`;
      const { socketCommands } = await parseWith(xml, { PC_OWNER: 'www-data' });
      expect(socketCommands).toEqual([command.replace('PC_OWNER', 'www-data')]);
    },
  );

  it.each([
    ['chown PC_X s', 'a; rm -rf b'],
    ['chown PC_X s', '$(id)'],
    ['chown PC_X s', 'a b'],
    ['chown PC_X s', ''],
    ['PC_X s', 'A=1'],
    ["sh -c 'echo PC_X'", 'a'],
    ['touch a > PC_X', 'a'],
  ])('cannot bring anything else into the socket command %j: %j', async (command, value) => {
    const xml = `\n<socketcommands>touch a</socketcommands>\n<hosts><box><socketcommands>${command.replace('>', '&gt;')}</socketcommands></box></hosts>`;
    const error = await errorOf(parseWith(xml, { PC_X: value }));
    expect(error.message).toMatch(/^c\.xml:\d: hosts\/box\/socketcommands: .* given to no shell/u);
  });

  it('may have names that mean something in regular expressions', async () => {
    expect(
      (await parseWith('<appname>PC_A.B</appname>', { 'PC_A.B': 'x', 'PC_(': '' })).appName,
    ).toBe('x');
  });
});
