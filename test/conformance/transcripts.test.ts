import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Server } from 'clacks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage } from './player.ts';
import { readScenarios } from './recording.ts';

const here = import.meta.dirname;
const files = ['session', 'signals', 'permissions', 'monitor', 'overhead', 'cache', 'interclacks'];

let directory: string;
let server: Server;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'clacks-'));
  await copyFile(path.join(here, 'server.xml'), path.join(directory, 'server.xml'));
  server = new Server({ config: path.join(directory, 'server.xml') });
  await server.start();
});

afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

const scenarios = await Promise.all(
  files.map(async (file) =>
    (await readScenarios(`${file}.json`)).map((scenario) => ({ file, ...scenario })),
  ),
);

describe('the server answers as the recorded one', () => {
  it.each(scenarios.flat())('$file: $name', async ({ steps }) => {
    const stage = new Stage(path.join(directory, 'clacks.sock'));
    for (const step of steps) {
      const received = await stage.play(step);
      expect({ step, received }).toEqual({ step, received: step.receive });
    }
    await stage.clear();
  });
});
