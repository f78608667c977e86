import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { forPages } from '../../../examples/src/page-build.ts';

/** What becomes of a program when it is made for pages. */
const bundle = async (program: string) => {
  const { outputFiles, metafile } = await build({
    ...forPages,
    stdin: { contents: program, resolveDir: import.meta.dirname },
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output?.inputs ?? {}).filter(
    ([, { bytesInOutput }]) => bytesInOutput > 0,
  );
  return {
    gzippedBytes: gzipSync(outputFiles[0]?.text ?? '').length,
    files: used.map(([file]) => file),
    /** What it still expects to be there. */
    imports: output?.imports,
  };
};

describe('the client, bundled for a page', () => {
  it('takes less than 15 kB, gzipped, and nothing of Node.js', async () => {
    const program = `import { connect } from '@clacks/client'; globalThis.connect = connect;`;
    const { gzippedBytes, files, imports } = await bundle(program);
    expect(gzippedBytes).toBeLessThan(15_000);
    expect(files).toContain('packages/client/dist/transports/websocket.js');
    expect(
      files.filter((file) => !/^(?:packages\/(?:client|protocol)\/dist\/|<stdin>)/u.test(file)),
    ).toEqual([]);
    expect(files).not.toContain('packages/client/dist/transports/socket.js');
    expect(imports).toEqual([]);
  });

  it('has the cache client besides for who asks for it', async () => {
    const program = `import { ClacksCache } from '@clacks/client'; globalThis.Cache = ClacksCache;`;
    const { files, imports } = await bundle(program);
    expect(files.some((file) => file.includes('/yaml/'))).toBe(true);
    expect(imports).toEqual([]);
  });
});
