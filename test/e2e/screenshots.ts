/**
 * `npm run screenshots`: every page, empty and lived-in, in both languages, both themes and two sizes of window, into a
 * folder that git ignores. For looking at, not for comparing.
 *
 *   npm run screenshots -- [--users N] [--out DIR] [--only PART] [--pictures docs/pictures]
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from '@playwright/test';
import { launch } from './browser.ts';
import { type Stand, stand } from './stand.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '240' },
    out: { type: 'string', default: 'screenshots' },
    only: { type: 'string', default: '' },
    /** Where the pictures of the README go: six of one look, small. */
    pictures: { type: 'string', default: '' },
  },
});
const out = resolve(values.out);
const users = Number(values.users);

type Look = Readonly<{ language: 'en' | 'fr'; theme: 'light' | 'dark'; width: number; height: number }>;
const looks: Look[] = (['en', 'fr'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((theme) => [
    { language, theme, width: 1280, height: 800 },
    { language, theme, width: 1600, height: 1000 },
  ]),
);

/** A browser of its own for each look: language and theme are the browser's, as they are on a person's machine. */
async function inEachLook(
  browser: Browser,
  at: Stand,
  take: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  for (const { language, theme, width, height } of looks) {
    const name = `${language}-${theme}-${width}`;
    if (!name.includes(values.only)) continue;
    const context = await browser.newContext({
      viewport: { width, height },
      locale: language === 'fr' ? 'fr-FR' : 'en-GB',
      colorScheme: theme,
    });
    const page = await context.newPage();
    await page.addInitScript(() => localStorage.setItem('steeple-companion.me', 'Ines Moreau'));
    await page.goto(await at.address());
    await page.getByRole('heading', { level: 1 }).waitFor();
    await take(page, name);
    await context.close();
  }
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.waitForTimeout(700); // charts, fonts and answers come to rest; a picture is not a test
  await page.screenshot({ path: join(out, `${name}.png`) });
  const picture = chosen[name];
  if (picture === undefined || values.pictures === '') return;
  await page.screenshot({ path: join(resolve(values.pictures), `${picture}.jpg`), type: 'jpeg', quality: 72 });
}

/** The pictures in the README. */
const chosen: Readonly<Record<string, string>> = {
  'on-overview-en-light-1280': 'overview',
  'off-preview-people-en-light-1280': 'preview',
  'on-review-en-light-1280': 'review',
  'on-people-en-light-1280': 'people',
  'on-mapping-en-light-1280': 'mapping',
  'on-settings-policy-en-light-1280': 'settings',
};

async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await page.waitForTimeout(400);
}

const pages = [
  'overview',
  'setup',
  'mapping',
  'preview',
  'review',
  'people',
  'groups',
  'activity',
  'settings/sources',
  'settings/policy',
  'settings/protected',
  'settings/about',
] as const;

async function emptyPages(page: Page, look: string): Promise<void> {
  for (const name of pages) {
    await go(page, `#/${name}`);
    await shoot(page, `empty-${name.replace('/', '-')}-${look}`);
  }
}

async function planPages(page: Page, look: string): Promise<void> {
  await shoot(page, `off-overview-${look}`);
  await go(page, '#/preview');
  await page.getByRole('row').nth(1).click();
  await shoot(page, `off-preview-people-${look}`);
  for (const tab of [1, 2, 3, 4]) {
    await page.getByRole('tab').nth(tab).click();
    await shoot(page, `off-preview-${tab}-${look}`);
  }
  await page.locator('header button').last().click();
  await shoot(page, `off-preview-enable-${look}`);
}

async function livedIn(page: Page, look: string): Promise<void> {
  await shoot(page, `on-overview-${look}`);
  await go(page, '#/review');
  await shoot(page, `on-review-${look}`);
  await page.keyboard.press('a');
  await shoot(page, `on-review-approve-${look}`);
  await page.keyboard.press('Escape');
  await go(page, '#/preview');
  await page.getByRole('row').nth(1).click();
  await shoot(page, `on-preview-${look}`);
  await go(page, '#/people');
  await page.getByRole('row').nth(3).click();
  await shoot(page, `on-people-${look}`);
  await go(page, '#/groups');
  await page.getByRole('row').nth(3).click();
  await shoot(page, `on-groups-${look}`);
  await go(page, '#/mapping');
  await shoot(page, `on-mapping-${look}`);
  for (const section of ['sources', 'policy', 'protected', 'appearance', 'about']) {
    await go(page, `#/settings/${section}`);
    await shoot(page, `on-settings-${section}-${look}`);
  }
  await go(page, '#/activity');
  await page.getByRole('row').nth(2).click();
  await shoot(page, `on-activity-journal-${look}`);
  await go(page, '#/activity/deliveries');
  await page.getByRole('row').nth(2).click();
  await shoot(page, `on-activity-deliveries-${look}`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
if (values.pictures !== '') mkdirSync(resolve(values.pictures), { recursive: true });
const browser = await chromium.launch(launch);
const empty = await stand();
const full = await stand();
try {
  await inEachLook(browser, empty, emptyPages);
  const { entra, staff } = await full.populate({ users, groups: Math.max(24, Math.round(users / 10)) });
  await inEachLook(browser, full, planPages);
  await full.enable();
  for (const { id } of staff.slice(3, 10)) entra.disableUser(id);
  await entra.incrementalCycle();
  await full.settled();
  await inEachLook(browser, full, livedIn);
} finally {
  await browser.close();
  await empty.stop();
  await full.stop();
}
process.stdout.write(`${out}\n`);
