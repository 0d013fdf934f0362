/** A visit to the console in a real browser: logging in, going about, and what must hold wherever one goes. */
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, expect, type Page } from '@playwright/test';
import type { Stand } from './stand.ts';

/** What the browser complained of: refused by the CSP, thrown, or logged as an error. Must stay empty. */
export const complaints: string[] = [];

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
  await expect(page.getByRole('navigation', { name: /^Pages/ })).toBeVisible();
  return page;
}

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

/** WCAG 2.2 AA, as far as a machine can tell. */
export async function accessible(page: Page, where: string): Promise<void> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const found = violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect(found).toEqual([]);
}
