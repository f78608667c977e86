import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigDirectory, account, errorOf } from './support.ts';

describe('looking for files', () => {
  const xml = (appname: string) =>
    `<clacks><appname>${appname}</appname><socket>s</socket>${account}</clacks>`;

  it('looks in PC_CONFIG_PATHS, then as given, then in configs', async () => {
    await using directory = await ConfigDirectory.with({
      'one/x.xml': xml('one'),
      'two/x.xml': xml('two'),
      'two/y.xml': xml('two y'),
      'y.xml': xml('here'),
      'configs/y.xml': xml('configs y'),
      'configs/z.xml': xml('configs z'),
    });
    directory.environment['PC_CONFIG_PATHS'] = `none:${directory.at('one')}:two::`;
    const appName = async (file: string) => (await loadConfig(file, directory)).appName;
    expect(await appName('x.xml')).toBe('one');
    expect(await appName('y.xml')).toBe('two y');
    expect(await appName('z.xml')).toBe('configs z');
    expect(await appName(directory.at('y.xml'))).toBe('here');
  });

  it('says where it has looked', async () => {
    await using directory = await ConfigDirectory.with({});
    directory.environment['PC_CONFIG_PATHS'] = 'some';
    const { message, file } = await errorOf(loadConfig('x.xml', directory));
    const looked = ['some/x.xml', 'x.xml', 'configs/x.xml'].map((name) => directory.at(name));
    expect(message).toBe(`x.xml: there is no such configuration; looked for ${looked.join(', ')}`);
    expect(file).toBe('x.xml');
  });

  it('says what is in the way of reading it', async () => {
    await using directory = await ConfigDirectory.with({ 'x.xml/y': '', 'bytes.xml': '' });
    expect((await errorOf(loadConfig('x.xml', directory))).message).toMatch(
      /x\.xml: cannot be read: EISDIR/u,
    );
  });

  it('refuses what is no UTF-8', async () => {
    await using directory = await ConfigDirectory.with({});
    await writeFile(directory.at('x.xml'), Uint8Array.of(0x3c, 0xff));
    expect((await errorOf(loadConfig('x.xml', directory))).message).toMatch(/is not UTF-8 text$/u);
  });

  it('takes names in it from beside it, then from the working directory', async () => {
    const tls = '<ip>::1</ip><ssl><cert>a.crt</cert><key>b.key</key></ssl>';
    await using directory = await ConfigDirectory.with({
      'etc/c.xml': `<clacks>${tls}${account}<socket>s</socket>
        <persistancefile>new.dat</persistancefile></clacks>`,
      'etc/a.crt': '',
      'a.crt': '',
      'b.key': '',
      s: '',
    });
    const config = await loadConfig('etc/c.xml', directory);
    expect(config.tls?.certFile).toBe(directory.at('etc/a.crt'));
    expect(config.tls?.keyFile).toBe(directory.at('b.key'));
    expect(config.sockets).toEqual([directory.at('etc/s')]);
    expect(config.persistenceFile).toBe(directory.at('etc/new.dat'));
  });

  it('reads a file with a byte order mark and CR LF, and still counts its lines', async () => {
    await using directory = await ConfigDirectory.with({
      'x.xml': `\u{feff}<clacks>\r\n${account}\r\n<socket>s</socket>\r\n<pot>1</pot></clacks>\r\n`,
    });
    expect((await errorOf(loadConfig('x.xml', directory))).line).toBe(4);
  });

  it('uses the environment of this process by default', async () => {
    await using directory = await ConfigDirectory.with({ 'x.xml': xml('here') });
    expect((await loadConfig(directory.at('x.xml'))).appName).toBe('here');
  });
});
