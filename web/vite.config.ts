import { defineConfig, loadEnv } from 'vite';

export default defineConfig(({ mode }) => {
  const server = loadEnv(mode, '.', 'COEDIT_')['COEDIT_SERVER'] ?? 'http://localhost:5000';
  return {
    // Relative addresses: the page also works behind a proxy that serves it under a path prefix.
    base: './',
    build: {
      target: 'es2022',
      // Every file is a file of its own: the content security policy knows no inline scripts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    server: {
      proxy: {
        '/api': server,
        '/ws': { target: server, ws: true },
      },
    },
  };
});
