/** The end-to-end tests: the built page in a real Chromium, against a real relay and a real sandbox. Needs a build. */
import { defineConfig } from '@playwright/test';
import { launch } from './test/e2e/browser.ts';

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
    trace: 'retain-on-failure',
  },
});
