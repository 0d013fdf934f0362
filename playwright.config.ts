/** The end-to-end tests: the built page in a real Chromium, against a real relay and a real sandbox. Needs a build. */
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { launch } from './test/e2e/browser.ts';

// For the relays and sandboxes that are started from the source, as in vitest.config.ts.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/code');

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  // Each file has a relay and a Steeple of its own, and waits more than it works.
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    launchOptions: launch,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    trace: { mode: 'retain-on-failure', screenshots: false },
  },
});
