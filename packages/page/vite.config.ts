import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('src', import.meta.url)),
  // Below whatever path a gateway serves it.
  base: './',
  // The model in the browser: a worker of modules, from the workspace's sources.
  resolve: { conditions: ['@transfusion/source', 'module', 'browser', 'import'] },
  worker: { format: 'es' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // No data addresses: the content security policy takes fonts and styles from the server alone.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  // Where `npx vite` finds a server, while the page is worked on.
  server: { proxy: { '/v1': 'http://127.0.0.1:8000', '/readyz': 'http://127.0.0.1:8000' } },
});
