import { defineConfig } from 'vite';

export default defineConfig({
  // The node serves it at its root; a proxy may have it anywhere.
  base: './',
  build: {
    outDir: '../clacks/dist/dashboard',
    emptyOutDir: true,
    // The Content-Security-Policy of the server allows files of its own, and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What the page is built of comes with it, and so do the licences.
    license: { fileName: 'licenses.md' },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
