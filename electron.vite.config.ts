/**
 * Builds five things: the app's main process, the relay (`out/main/cli.js`: the `steeple-relay` command, and what the app
 * forks), its surveying thread (`out/main/surveyworker.js`), the preload as one CommonJS file, and the page that both the
 * app and a headless relay's console serve.
 */
import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { theme, variables } from './src/renderer/theme.ts';

/**
 * Mantine writes its theme into the page as a <style> element, which `style-src 'self'` refuses. So the same variables
 * are written into a stylesheet here, from the same theme, and the page is told not to.
 */
function themeSheet(): Plugin {
  const name = 'virtual:theme.css';
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const [base, ours] = [defaultCssVariablesResolver(merged), variables(merged)];
  const sheet = convertCssVariables({
    variables: { ...base.variables, ...ours.variables },
    light: { ...base.light, ...ours.light },
    dark: { ...base.dark, ...ours.dark },
  });
  return {
    name: 'theme-sheet',
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load: (id) => (id === `\0${name}` ? sheet : null),
  };
}

/**
 * The document names every file the page is made of, not only the small one that it starts with (src/renderer/main.ts):
 * so they come together, and the styles are there before the first thing is drawn.
 */
function wholePage(): Plugin {
  return {
    name: 'whole-page',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const seen = new Set<string>();
        const styles = new Set<string>();
        const visit = (name: string): void => {
          const file = bundle[name];
          if (seen.has(name) || file?.type !== 'chunk') return;
          seen.add(name);
          for (const style of file.viteMetadata?.importedCss ?? []) styles.add(style);
          for (const next of file.imports) visit(next);
        };
        for (const [name, file] of Object.entries(bundle))
          if (file.type === 'chunk' && file.facadeModuleId?.endsWith('/src/renderer/root.tsx')) visit(name);
        if (seen.size === 0) throw new Error('The page has no src/renderer/root.tsx to preload');
        return [
          ...[...styles].map((name) => ({ tag: 'link', attrs: { rel: 'stylesheet', href: `./${name}` } })),
          ...[...seen].map((name) => ({ tag: 'link', attrs: { rel: 'modulepreload', href: `./${name}` } })),
        ].map((tag) => ({ ...tag, injectTo: 'head' as const }));
      },
    },
  };
}

/** Native modules stay outside; everything else is in the built files, so they run from any folder. */
const external = ['electron', 'better-sqlite3', 'keytar'];

export default defineConfig({
  main: {
    build: {
      externalizeDeps: false,
      rollupOptions: {
        external,
        input: { index: 'src/main/index.ts', cli: 'daemon/cli.ts', surveyworker: 'daemon/surveyworker.ts' },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rollupOptions: {
        external: ['electron'],
        input: 'src/preload/index.ts',
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    base: './',
    plugins: [react(), themeSheet(), wholePage()],
    build: {
      rollupOptions: { input: 'src/renderer/index.html' },
      // A data: font would need `font-src data:`; a file of its own needs nothing.
      assetsInlineLimit: 0,
      minify: true,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 800,
    },
  },
});
