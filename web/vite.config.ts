import { defineConfig } from 'vite';

const server = 'http://localhost:5000';

export default defineConfig({
  // Relative addresses: the page also works behind a proxy that serves it under a path prefix.
  base: './',
  build: {
    target: 'es2022',
    // The content security policy allows neither inline scripts nor fonts and scripts from data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    proxy: {
      '/api': server,
      '/ws': { target: server, ws: true },
    },
  },
});
