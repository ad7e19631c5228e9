// Two pages from one source: `field` for the phone, `console` for the center. The phones that must run the
// first are Android 8 with the WebView they left the shop with, so both are built for Chrome 80.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Svelte scopes with `:where(.svelte-…)`, which Chrome 80 does not know: it would drop the whole rule. */
function scopeWithoutWhere(): Plugin {
  return {
    name: 'scope-without-where',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const asset of Object.values(bundle)) {
        if (asset.type === 'asset' && asset.fileName.endsWith('.css')) {
          asset.source = asset.source.toString().replace(/:where\((\.svelte-[a-z0-9]+)\)/g, '$1');
        }
      }
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [svelte(), scopeWithoutWhere()],
  build: {
    target: ['chrome80'],
    cssTarget: ['chrome80'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: { input: { field: 'field.html', console: 'console.html' } },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
