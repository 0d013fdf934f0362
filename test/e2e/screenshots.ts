/**
 * `npm run screenshots`: every page in both languages, both themes and two sizes of window; of an empty relay, of one with
 * 200 people and one with 5,000; into a folder that git ignores. For looking at, not for comparing.
 *
 *   npm run screenshots -- [--out DIR] [--only empty|off|on|many] [--pictures docs/pictures]
 *
 * A page is gone to once in each language; theme and size change under it, as they do on a person's machine.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from '@playwright/test';
import { launch } from './browser.ts';
import { crowd } from './crowd.ts';
import { by, type Stand, stand } from './stand.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'screenshots' },
    /** One of the relays only. */
    only: { type: 'string', default: '' },
    /** Where the pictures of the README go: six of one look, small. */
    pictures: { type: 'string', default: '' },
  },
});
const out = resolve(values.out);
const sizes = [
  { width: 1280, height: 800 },
  { width: 1600, height: 1000 },
] as const;

/** The pictures in the README. */
const chosen: Readonly<Record<string, string>> = {
  'on-overview': 'overview',
  'off-preview': 'preview',
  'on-review': 'review',
  'on-people': 'people',
  'many-mapping-group': 'mapping',
  'off-setup-screens': 'setup',
};

/** What is shown now, in every look that needs no loading anew. */
async function shoot(page: Page, name: string, language: string): Promise<void> {
  await page.mouse.move(0, 0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const { width, height } of sizes) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(150); // fonts and answers come to rest; a picture is not a test
      const path = join(out, `${name}-${language}-${colorScheme}-${width}.png`);
      await page.screenshot({ path, animations: 'disabled' });
      const picture = chosen[name];
      if (picture === undefined || values.pictures === '' || `${language}-${colorScheme}-${width}` !== 'en-light-1280')
        continue;
      const small = join(resolve(values.pictures), `${picture}.jpg`);
      await page.screenshot({ path: small, type: 'jpeg', quality: 72, animations: 'disabled' });
    }
  }
  await page.setViewportSize(sizes[0]);
}

/** Where to go, and what to do there before looking. */
type Stop = readonly [name: string, hash: string, does?: (page: Page) => Promise<void>];

/** In both languages at once: a picture waits more than it works. */
async function visit(browser: Browser, at: Pick<Stand, 'address'>, stage: string, stops: readonly Stop[]) {
  const begun = performance.now();
  // But two who make plans make each other's old, and the pages say so.
  const turns = stage === 'off' ? [['en'], ['fr']] : [['en', 'fr']];
  for (const together of turns)
    await Promise.all(together.map((language) => visitIn(language, browser, at, stage, stops)));
  process.stderr.write(`${stage}: ${Math.round((performance.now() - begun) / 1000)} s\n`);
}

async function visitIn(
  language: string,
  browser: Browser,
  at: Pick<Stand, 'address'>,
  stage: string,
  stops: readonly Stop[],
) {
  const context = await browser.newContext({
    viewport: sizes[0],
    locale: language === 'fr' ? 'fr-FR' : 'en-GB',
    colorScheme: 'light',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.addInitScript((me) => localStorage.setItem('steeple-companion.me', me), by);
  await page.goto(await at.address());
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const [name, hash, does] of stops) {
    await page.evaluate((to) => {
      location.hash = to;
    }, `#/${hash}`);
    await page.waitForTimeout(500);
    try {
      await does?.(page);
      await page.waitForTimeout(300);
      await shoot(page, `${stage}-${name}`, language);
    } catch (cause) {
      process.stderr.write(`${stage}-${name}-${language}: ${String(cause).split('\n')[0]}\n`);
      process.exitCode = 1;
    }
    await page.keyboard.press('Escape');
  }
  await context.close();
}

const row = (at: number) => async (page: Page) => page.getByRole('row').nth(at).click();
const tab = (at: number) => async (page: Page) => page.getByRole('tab').nth(at).click();
const sections = [
  ...['sources', 'policy', 'standing', 'protected', 'reviewers', 'externals', 'notifications', 'network'],
  ...['keeping', 'apps', 'appearance', 'about'],
];
const settings = sections.map((name): Stop => [`settings-${name}`, `settings/${name}`]);
const steps = ['sso', 'steeple', 'provider', 'screens', 'communities', 'mode', 'links', 'handover'];
const setup = steps.map((name): Stop => [`setup-${name}`, `setup/${name}`]);
const group = async (page: Page) => page.getByRole('option').first().click();

const bare: Stop[] = [
  ['overview', 'overview'],
  ...setup.slice(0, 5),
  ['mapping', 'mapping'],
  ['preview', 'preview'],
  ['review', 'review'],
  ['people', 'people'],
  ['groups', 'groups'],
  ['activity', 'activity'],
  ...settings,
];
const planned: Stop[] = [
  ['overview', 'overview'],
  ...setup.slice(1),
  ['preview', 'preview', row(1)],
  ['preview-communities', 'preview', tab(1)],
  ['preview-operations', 'preview', tab(2)],
  ['preview-strangers', 'preview', tab(3)],
  ['preview-gaps', 'preview', tab(4)],
  ['preview-limits', 'preview', tab(5)],
  ['preview-preflight', 'preview', tab(6)],
  ['preview-enable', 'preview', async (page) => page.locator('header button').last().click()],
];
const pages: Stop[] = [
  ['overview', 'overview'],
  ['mapping', 'mapping', async (page) => page.getByRole('option').first().waitFor()],
  ['mapping-group', 'mapping', group],
  ['mapping-table', 'mapping', async (page) => page.getByText(/^Tableau$|^Table$/).click()],
  ['preview', 'preview', row(1)],
  ['review', 'review'],
  ['people', 'people', row(3)],
  ['groups', 'groups', row(3)],
  ['activity', 'activity', row(2)],
];
const livedIn: Stop[] = [
  ...pages,
  ['review-approve', 'review', async (page) => page.keyboard.press('a')],
  ['activity-deliveries', 'activity/deliveries', row(2)],
  ['activity-drift', 'activity/drift'],
  ['activity-chain', 'activity/chain'],
  ['review-back', 'review/back'],
  ['review-bundle', 'review/bundle'],
  ...settings,
  ['palette', 'overview', async (page) => page.keyboard.press('Control+k')],
  ['assistant', 'overview', async (page) => page.locator('nav button').nth(-2).click()],
];

const wanted = (stage: string) => values.only === '' || values.only === stage;
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
if (values.pictures !== '') mkdirSync(resolve(values.pictures), { recursive: true });
const browser = await chromium.launch(launch);
try {
  if (wanted('empty') || wanted('off') || wanted('on')) {
    const at = await stand();
    try {
      if (wanted('empty')) await visit(browser, at, 'empty', bare);
      if (wanted('off') || wanted('on')) {
        const { entra, staff } = await at.populate({ users: 200, groups: 40 });
        if (wanted('off')) await visit(browser, at, 'off', planned);
        await at.enable();
        // Not every machine has letters for every name, and these are in the pictures of the README.
        const leavers = staff.filter(({ displayName }) => /^[\p{Script=Latin} .'’-]+$/u.test(displayName)).slice(3, 10);
        for (const { id } of leavers) entra.disableUser(id);
        await entra.incrementalCycle();
        await at.settled();
        if (wanted('on')) await visit(browser, at, 'on', livedIn);
      }
    } finally {
      await at.stop();
    }
  }
  if (wanted('many')) {
    const at = await crowd({ users: 5_000, groups: 500, communities: 120, links: 700 });
    try {
      await at.enable(60);
      await visit(browser, at, 'many', [...pages, ...setup, ...settings]);
    } finally {
      await at.stop();
    }
  }
} finally {
  await browser.close();
}
process.stdout.write(`${out}\n`);
