import { describe, expect, it } from 'vitest';
import { ConfigDirectory, account, errorOf, parse, parseWith } from './support.ts';
import { loadConfig } from '../../src/config/load.ts';

/** Contents of a root element on line 3 of the file, and the message each gives. */
const wrong: Readonly<Record<string, string>> = {
  '<prot>1</prot>': 'c.xml:3: prot: unknown key; did you mean port?',
  '<PingTimeout>1</PingTimeout>': 'c.xml:3: PingTimeout: unknown key; did you mean pingtimeout?',
  '<cert>x</cert>': 'c.xml:3: cert: unknown key; did you mean ssl/cert?',
  '<webserver>x</webserver>': 'c.xml:3: webserver: unknown key; the nearest known one is websocket',
  '<pasword/>': 'c.xml:3: pasword: unknown key; did you mean password?',
  '<user username="x" password="x"/>\n<user usrname="x"/>':
    'c.xml:4: user[2]/usrname: unknown key; did you mean user/username?',
  '<user username="x" password="x"/>\n<user>\n<usrname>x</usrname></user>':
    'c.xml:5: user[2]/usrname: unknown key; did you mean user/username?',
  '<master ip="::1" hosts="x"/>': 'c.xml:3: master/hosts: unknown key; did you mean hosts?',
  '<throttle pause="1"/>':
    'c.xml:3: throttle/pause: unknown key; the nearest known one is throttle/maxsleep',
  '<port>a</port>': 'c.xml:3: port: expected a whole number from 0 to 65535, got "a"',
  '<port>65536</port>': 'c.xml:3: port: expected a whole number from 0 to 65535, got "65536"',
  '<port>-1</port>': 'c.xml:3: port: expected a whole number from 0 to 65535, got "-1"',
  '<port>1.5</port>': 'c.xml:3: port: expected a whole number from 0 to 65535, got "1.5"',
  '<port>1</port>\n<port>2</port>': 'c.xml:4: port[2]: is given more than once',
  '<port nr="1"/>': 'c.xml:3: port: expected text, without elements or attributes',
  '<port nr="1">2</port>': 'c.xml:3: port: holds text beside its elements or attributes',
  '<pingtimeout>0</pingtimeout>':
    'c.xml:3: pingtimeout: expected seconds from 0.001 to 2073600, got "0"',
  '<pingtimeout>1e3</pingtimeout>':
    'c.xml:3: pingtimeout: expected seconds from 0.001 to 2073600, got "1e3"',
  '<pingtimeout>.</pingtimeout>':
    'c.xml:3: pingtimeout: expected seconds from 0.001 to 2073600, got "."',
  '<stalecachetime>-1</stalecachetime>':
    'c.xml:3: stalecachetime: expected seconds from 0 to 3155760000, got "-1"',
  '<maxlinelength>10</maxlinelength>':
    'c.xml:3: maxlinelength: expected a whole number from 1024 to 268435456, got "10"',
  '<ip>1.2.3</ip>': 'c.xml:3: ip: expected an IP address or a host name, got "1.2.3"',
  '<ip>1.2.3.256</ip>': 'c.xml:3: ip: expected an IP address or a host name, got "1.2.3.256"',
  '<ip>::1</ip>\n<ip>a b</ip>': 'c.xml:4: ip[2]: expected an IP address or a host name, got "a b"',
  '<socketchmod>0789</socketchmod>':
    'c.xml:3: socketchmod: expected an octal file mode such as 0770, got "0789"',
  '<socketchmod>7777</socketchmod>':
    'c.xml:3: socketchmod: expected an octal file mode such as 0770, got "7777"',
  '<loglevel>loud</loglevel>':
    'c.xml:3: loglevel: expected one of trace, debug, info, warn, error, fatal, silent, got "loud"',
  '<user username="x" password="x" read="maybe"/>':
    'c.xml:3: user/read: expected 1 or 0, got "maybe"',
  '<user username="x" password="x" read="constructor"/>':
    'c.xml:3: user/read: expected 1 or 0, got "constructor"',
  '<ssl>x</ssl>': 'c.xml:3: ssl: expected elements or attributes: cert, key, ca, requireclientcert',
  '<hosts>box</hosts>': 'c.xml:3: hosts: expected an element for each host',
  '<hosts><box/><box port="1"/>\n<box port="2"/></hosts>':
    'c.xml:4: hosts/box[2]: is given more than once',
  '<websocket port="1"/>':
    'c.xml:1: ssl: is missing: <websocket> needs a certificate and a key; make them with: clacks cert',
  '<websocket tls="0" ip="192.0.2.1"/>':
    'c.xml:3: websocket: has no TLS: that is for this machine itself only, not for 192.0.2.1',
  '<websocket tls="0"><ip>::1</ip><ip>::1</ip></websocket>':
    'c.xml:3: websocket: "::1" is given twice',
  '<websocket origin="house.example"/>':
    'c.xml:3: websocket/origin: expected the origin of a page, such as https://house.example:8443, got "house.example"',
  '<websocket><origin>https://a.example</origin>\n<origin>https://a.example/page</origin></websocket>':
    'c.xml:4: websocket/origin[2]: expected the origin of a page, such as https://house.example:8443, got "https://a.example/page"',
  '<websocket http="1"/>': 'c.xml:3: websocket: is to be on the admin HTTP: it needs <http>',
  '<http port="0"/><websocket http="1" ip="127.0.0.1"/>':
    'c.xml:3: websocket: is on the admin HTTP, where <ip>, port and tls have no effect: remove them',
  '<http port="0"/><websocket http="1" port="1"/>':
    'c.xml:3: websocket: is on the admin HTTP, where <ip>, port and tls have no effect: remove them',
  '<http port="0"/><websocket http="1" tls="0"/>':
    'c.xml:3: websocket: is on the admin HTTP, where <ip>, port and tls have no effect: remove them',
  '<websocket path="/x"/>':
    'c.xml:3: websocket/path: unknown key; the nearest known one is websocket/port',
  '<mqtt>1</mqtt>': 'c.xml:3: mqtt: is not supported by this version: remove <mqtt>',
  '<backbone>1</backbone>':
    'c.xml:3: backbone: is not supported by this version: remove <backbone>',
  '<ip>::1</ip>':
    'c.xml:1: ssl: is missing: <ip> needs a certificate and a key; make them with: clacks cert',
  '<ip>::1</ip>\n<ssl><key>k</key></ssl>':
    'c.xml:4: ssl/cert: is missing; make certificate and key with: clacks cert',
  '<ssl>\n<cert>no.crt</cert></ssl>':
    'c.xml:4: ssl/cert: there is no readable file /nowhere/no.crt; make certificate and key with: clacks cert',
  '<user username="x"/>': 'c.xml:3: user/password: is missing',
  '<user username="x" certsubject="CN=x"/>':
    'c.xml:3: user/username: certsubject needs <ca> in <ssl>, which says who signs the certificates of clients',
  '<user username="x" certsubject="x"/>':
    'c.xml:3: user/certsubject: expected the subject of a certificate, in its order, such as CN=sensor,O=House, got "x"',
  '<certsubject>CN=x</certsubject>':
    'c.xml:3: certsubject: unknown key; did you mean user/certsubject?',
  '<ssl minversion="TLSv1"/>':
    'c.xml:3: ssl/minversion: unknown key; the nearest known one is ssl/cert',
  '<ssl ciphers="ALL"/>': 'c.xml:3: ssl/ciphers: unknown key; the nearest known one is ssl/cert',
  '<user password="x"/>': 'c.xml:3: user/username: is missing',
  '<user username="x" password="1"/>\n<user username="x" password="2"/>':
    'c.xml:4: user[2]/username: "x" is given twice',
  '<user username="admin" password="x"/>': 'c.xml:3: user/username: "admin" is given twice',
  '<socket>clacks.sock</socket>': 'c.xml:3: socket[2]: "/nowhere/clacks.sock" is given twice',
  '<user username="x" password="x">\n<read>0</read>\n<readnames>a</readnames></user>':
    'c.xml:5: user/readnames: has no effect beside <read>0</read>: remove one',
  '<user username="x" password="x" writenames="a Kitchen*"/>':
    'c.xml:3: user/writenames: the pattern "Kitchen*" has a * that is no whole level: write a::* or a::**',
  '<user username="x" password="x" readnames="**::a"/>':
    'c.xml:3: user/readnames: the pattern "**::a" has ** before its last level',
  '<user username="x" password="x" readname="a"/>':
    'c.xml:3: user/readname: unknown key; did you mean user/readnames?',
  [`<user username="x" password="x" readnames="${Array.from({ length: 1001 }, String).join(' ')}"/>`]:
    'c.xml:3: user/readnames: there are more than 1000 patterns',
  '<readnames>a</readnames>': 'c.xml:3: readnames: unknown key; did you mean user/readnames?',
  '<maxmessagespersecond>-1</maxmessagespersecond>':
    'c.xml:3: maxmessagespersecond: expected a whole number from 0 to 1000000000, got "-1"',
  '<master port="1"/>': 'c.xml:3: master: needs ip or socket',
  '<master ip="::1" socket="x"/>': 'c.xml:3: master: has both ip and socket: remove one',
  '<master ip="::1" cert="no.crt"/>':
    'c.xml:3: master/cert: there is no readable file /nowhere/no.crt; it is to hold what this node shows to its master',
  '<master ip="::1" port="0"/>':
    'c.xml:3: master/port: expected a whole number from 1 to 65535, got "0"',
  '<master ip="::1" sync="never"/>': 'c.xml:3: master/sync: expected merge or replace, got "never"',
  '<master ip="::1" fingerprint="AB:CD"/>':
    'c.xml:3: master/fingerprint: expected a SHA-256 fingerprint: 32 hexadecimal bytes, got "AB:CD"',
  '<master ip="::1" ca="no.pem"/>':
    'c.xml:3: master/ca: there is no readable file /nowhere/no.pem; it is to hold who signs for the master',
};

describe('a wrong configuration', () => {
  it.each(Object.entries(wrong))(
    'gives one line that names the place: %s',
    async (xml, message) => {
      const error = await errorOf(parseWith(xml));
      expect(error.message).toBe(message);
      expect(error.code).toBe('CLACKS_ERR_CONFIG');
      const [, line, key] = /^c\.xml:(\d+): ([^:]*)/u.exec(message) ?? [];
      expect(error).toMatchObject({ file: 'c.xml', line: Number(line), key });
    },
  );

  it('needs a user, and something to listen on', async () => {
    const message = async (xml: string) => (await errorOf(parse(xml))).message;
    expect(await message('<clacks/>')).toBe('c.xml:1: username: is missing');
    expect(await message('<clacks><username>x</username></clacks>')).toBe(
      'c.xml:1: password: is missing',
    );
    expect(await message(`<clacks>${account}</clacks>`)).toBe(
      'c.xml:1: there is nothing to listen on: it needs <ip>, <socket> or <websocket>',
    );
    expect(await message('<server/>')).toBe(
      'c.xml:1: the root element is <server>, expected <clacks>',
    );
  });

  it('is told of by the first wrong line, however many there are', async () => {
    const error = await errorOf(parseWith('<port>a</port>\n<prot/>\n<ip>1.2</ip>'));
    expect(error.message).toBe('c.xml:3: port: expected a whole number from 0 to 65535, got "a"');
  });

  it('forbids insecure together with what it would make void', async () => {
    await using directory = await ConfigDirectory.with({
      'ca.pem': '',
      'c.xml': `<clacks>${account}<socket>s</socket>
        <master ip="::1" insecure="1" ca="ca.pem"/></clacks>`,
    });
    const error = await errorOf(loadConfig('c.xml', directory));
    expect(error.message).toMatch(/c\.xml:2: master: insecure checks no certificate/u);
  });
});

describe('broken XML', () => {
  it.each([
    ['', 'c.xml:1: is not well-formed XML: Start tag expected.'],
    ['hello', "c.xml:1: is not well-formed XML in column 1: char '…' is not expected."],
    [
      '<clacks>\n  <port>1</prt></clacks>',
      "c.xml:2: is not well-formed XML in column 10: Expected closing tag 'port' (opened in line 2, col 3) instead of closing tag '…'.",
    ],
    [
      '<clacks>\n<port>',
      'c.xml:1: is not well-formed XML in column 1: several elements are not closed',
    ],
    ['<clacks/>\n<clacks/>', 'c.xml:2: has a second root element'],
    ['<clacks>&amp</clacks>', /^c\.xml:1: of the entities only/u],
    ['<clacks/><!-- x', 'c.xml:1: a document type or other declaration is not allowed'],
    ['<clacks><__proto__ x="1"/></clacks>', /^c\.xml: is not well-formed XML: .* forbidden name$/u],
    ['<clacks>' + '<a>'.repeat(200) + '</a>'.repeat(200) + '</clacks>', /^c\.xml/u],
    ['<clacks>', "c.xml:1: is not well-formed XML in column 1: Unclosed tag 'clacks'."],
  ])('is an error that says where: %s', async (xml, message) => {
    const error = await errorOf(parse(xml));
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  it('may not define entities, so that a small file cannot become a large one', async () => {
    const bomb = `<!DOCTYPE clacks [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>
      <clacks><appname>&b;</appname></clacks>`;
    expect((await errorOf(parse(bomb))).message).toBe(
      'c.xml:1: a document type or other declaration is not allowed',
    );
    const file = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><clacks/>';
    expect((await errorOf(parse(file))).line).toBe(1);
    expect((await errorOf(parseWith('<appname>&file;</appname>'))).line).toBe(3);
  });

  it('may speak of entities in comments and CDATA', async () => {
    const config = await parseWith(
      '<!-- <!DOCTYPE &x; --><appname><![CDATA[<!DOCTYPE &x;]]> &#65;&#x42;&#x110000;&apos;</appname>',
    );
    expect(config.appName).toBe("<!DOCTYPE &x; AB\u{fffd}'");
  });
});

describe('a password', () => {
  it.each([
    ['<password>top<secret</password>'],
    ['<password>top&secret</password>'],
    ['<password>top<secret x</password>'],
    ['<password>top<secret/></password>'],
    ['<password>topsecret</pasword>'],
    ['<user><username>u</username><password>top<secret></password></user>'],
    ['<user username="u" password=topsecret/>'],
    ['<user username="u" password="topsecret/>'],
    ['<user username="u" password="scrypt:topsecret"/>'],
    ['<user><password>topsecret</password><password>topsecret</password></user>'],
    ['<user password="topsecret"/>'],
    ['<password>topsecret<password>topsecret</password></password>'],
  ])('is not in the message of an error about it: %s', async (xml) => {
    const { message } = await errorOf(parseWith(xml));
    expect(message).not.toMatch(/top|secret/u);
    expect(message).not.toContain('\n');
  });

  it('is not in the message of an error about something else', async () => {
    const { message } = await errorOf(parseWith('<port>x</port>'));
    expect(message).not.toContain('secret');
  });

  it('may be a hash, but not a malformed or an unbearably costly one', async () => {
    const salt = Buffer.alloc(16).toString('base64');
    const hash = Buffer.alloc(32).toString('base64');
    const user = (password: string) => parseWith(`<user username="u" password="${password}"/>`);
    expect((await user(`scrypt:16384:8:1:${salt}:${hash}`)).users).toHaveLength(2);
    for (const parameters of ['16384:8', '1000:8:1', '1:8:1', '1048576:8:8', '16384:0:1']) {
      expect((await errorOf(user(`scrypt:${parameters}:${salt}:${hash}`))).message).toBe(
        'c.xml:3: user/password: expected a password, or a hash of the form scrypt:N:r:p:salt:hash within the limits',
      );
    }
  });
});
