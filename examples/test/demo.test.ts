import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { Child } from '../../test/support/child.ts';
import { TestServer } from '../../test/support/test-server.ts';

it('the demo can be scripted: it waits for the bot, then ends', async () => {
  // Only its directory and certificate are needed.
  await using prepared = await TestServer.start();
  const config = path.join(prepared.directory, 'demo.xml');
  await writeFile(
    config,
    `<clacks><ip>127.0.0.1</ip><port>0</port>
      <ssl><cert>server.crt</cert><key>server.key</key></ssl>
      <username>exampleuser</username><password>unsafepassword</password></clacks>`,
  );
  const script = path.join(import.meta.dirname, '..', 'dist', 'demo.js');
  const ca = path.join(prepared.directory, 'server.crt');
  const demo = new Child(script, ['--config', config, '--ca', ca]);
  demo.type('hello');
  demo.type('simon is here');
  demo.type('QUIT');
  expect(await demo.exit()).toBe(0);
  expect(demo.output).toContain('>>> RoboSimon says: simon is here\n');
});
