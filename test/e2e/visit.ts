/** A visit to the console in a real browser: logging in, going about, and what must hold wherever one goes. */
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, test as base, expect, type Page } from '@playwright/test';
import { by, type Stand } from './stand.ts';

/** What the browser complained of: refused by the CSP, thrown, or logged as an error. */
const complaints: string[] = [];
/**
 * A test of the page: it fails if the browser complained of anything while it went on. What it opened is closed after it, or
 * its pages would go on drawing all that happens in the tests after it.
 */
export const test = base.extend<{ quietBrowser: undefined }>({
  quietBrowser: [
    async ({ browser }, use) => {
      complaints.length = 0;
      const before = new Set(browser.contexts());
      await use(undefined);
      for (const context of browser.contexts()) if (!before.has(context)) await context.close();
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export function watch(page: Page): Page {
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    // The browser reports every refusal and every lost connection as an error of loading; both are in the story.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  return page;
}

export async function logIn(at: Stand, browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  const page = watch(await context.newPage());
  await page.goto(await at.address());
  await isUp(page);
  return page;
}

/** Until it is drawn, keys go nowhere. */
const isUp = (page: Page): Promise<void> => expect(page.getByRole('navigation', { name: /^Pages/ })).toBeVisible();

/** Who sits at it has said their name before. */
export const signed = async (page: Page): Promise<Page> => {
  await page.evaluate((me) => localStorage.setItem('steeple-companion.me', me), by);
  await page.reload();
  await isUp(page);
  return page;
};

export const goTo = async (page: Page, name: string): Promise<void> => {
  await page
    .getByRole('navigation', { name: 'Pages' })
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
};

/** The way by the address, for pages that no link of the navigation leads to. */
export const goBy = async (page: Page, hash: string): Promise<void> => {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
};

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** WCAG 2.2 AA, as far as a machine can tell; of a theme only what depends on its colours. */
export async function accessible(page: Page, where: string, what: 'all' | 'colours' = 'all'): Promise<void> {
  // The other mode opens a page of its own to put frames together, each time; ours has none.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (what === 'all' ? axe.withTags(tags) : axe.withRules(['color-contrast'])).analyze();
  const found = violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect(found).toEqual([]);
}

/** The same in the light theme, and then what of it depends on colours in the dark one, without going anywhere. */
export async function accessibleInBoth(page: Page, where: string): Promise<void> {
  await accessible(page, where);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await accessible(page, `${where}, dark`, 'colours');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light');
}
