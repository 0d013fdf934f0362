/**
 * `npm test`: every test there is. Vitest, then the built page in a real browser with Playwright, then one line that sums
 * both up from their own reports, never from their text.
 *
 * What the machine lacks is installed where that is possible, and otherwise said in one line. Nothing is left out in
 * silence: skipped tests are counted and named, and a runner that ran nothing has failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { z } from 'zod';
import { launch } from './e2e/browser.ts';

type Tally = { passed: number; failed: number; skipped: string[] };

const root = join(import.meta.dirname, '..');
const reports = mkdtempSync(join(tmpdir(), 'reports-'));
const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): boolean {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
  return status === 0;
}
const quiet = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { cwd: root, stdio: 'ignore', timeout: 300_000 }).status === 0;
const apt = (...packages: readonly string[]): boolean =>
  mayInstall &&
  quiet('apt-get', ['update']) &&
  quiet('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);

function haveBrowser(): boolean {
  const there = () => existsSync(launch.executablePath ?? chromium.executablePath()) || existsSync('/usr/bin/chromium');
  return there() || (quiet('npx', ['playwright', 'install', 'chromium']) && there()) || (apt('chromium') && there());
}

/** Only in CI: nobody expects a test run to add packages to their own machine's keyring. The tests say when it is absent. */
function prepareKeyring(): void {
  if (
    process.env.CI === undefined ||
    quiet('sh', ['-c', 'command -v gnome-keyring-daemon && command -v dbus-run-session'])
  )
    return;
  if (apt('libsecret-1-dev', 'gnome-keyring', 'dbus')) quiet('npm', ['rebuild', 'keytar']);
}

const VitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

function vitest(): Tally {
  const report = join(reports, 'vitest.json');
  const ok = run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  const read = existsSync(report) ? VitestReport.parse(JSON.parse(readFileSync(report, 'utf8'))) : { testResults: [] };
  const tests = read.testResults.flatMap(({ assertionResults }) => assertionResults);
  // A file that does not even load has no tests in it, and has failed.
  const unloaded = read.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return settle(ok, {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length + unloaded.length,
    skipped: tests.filter(({ status }) => !['passed', 'failed'].includes(status)).map(({ fullName }) => fullName),
  });
}

type Suite = { specs: { title: string; tests: { status: string }[] }[]; suites?: Suite[] | undefined };
const Suite: z.ZodType<Suite> = z.lazy(() =>
  z.object({
    specs: z.array(z.object({ title: z.string(), tests: z.array(z.object({ status: z.string() })) })),
    suites: z.array(Suite).optional(),
  }),
);
const PlaywrightReport = z.object({ suites: z.array(Suite) });

function playwright(): Tally {
  const report = join(reports, 'playwright.json');
  const ok = run('playwright', ['test', '--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_NAME: report });
  const read = existsSync(report) ? PlaywrightReport.parse(JSON.parse(readFileSync(report, 'utf8'))) : { suites: [] };
  const specsOf = ({ specs, suites = [] }: Suite): Suite['specs'] => [...specs, ...suites.flatMap(specsOf)];
  const tests = read.suites
    .flatMap(specsOf)
    .flatMap(({ title, tests }) => tests.map(({ status }) => ({ title, status })));
  return settle(ok, {
    passed: tests.filter(({ status }) => status === 'expected').length,
    failed: tests.filter(({ status }) => status === 'unexpected' || status === 'flaky').length,
    skipped: tests.filter(({ status }) => status === 'skipped').map(({ title }) => title),
  });
}

/** A runner that is unhappy for another reason than a test, or that ran nothing, counts as one failure. */
function settle(ok: boolean, tally: Tally): Tally {
  const nothing = tally.passed + tally.failed === 0;
  return (ok && !nothing) || tally.failed > 0 ? tally : { ...tally, failed: 1 };
}

/** The page in a browser: built first, because that is what people get. */
function endToEnd(): Tally {
  const lacks = (what: string): Tally => {
    console.log(`\nNOT RUN: the end-to-end tests, because ${what}`);
    return { passed: 0, failed: 1, skipped: [] };
  };
  if (!readdirSync(join(root, 'test/e2e')).some((file) => file.endsWith('.spec.ts'))) return lacks('there are none');
  if (!haveBrowser()) return lacks('there is no browser: apt install chromium, or npx playwright install chromium');
  if (!run('electron-vite', ['build', '--logLevel', 'error'])) return lacks('the page does not build');
  return playwright();
}

prepareKeyring();
const tallies = [vitest(), endToEnd()];
rmSync(reports, { recursive: true });

if (!existsSync(join(root, 'node_modules/electron/dist')))
  console.log(
    '\nNOT RUN: anything in the real Electron, because its binary is not on this machine (npm start fetches it).',
  );
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
const skipped = tallies.flatMap((tally) => tally.skipped);
for (const name of skipped) console.log(`skipped: ${name}`);
console.log(`\n${passed} passed, ${failed} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`);
process.exitCode = failed === 0 ? 0 : 1;
