/** Every page with a company in it: in both themes, in French whole; and what People, Groups, Activity and Settings tell. */
import { expect, test } from '@playwright/test';
import { type Stand, stand, type Town } from './stand.ts';
import { accessibleInBoth, complaints, goBy, goTo, logIn } from './visit.ts';

test.describe.configure({ mode: 'serial' });

let at: Stand;
let town: Town;
test.beforeAll(async () => {
  test.setTimeout(240_000);
  at = await stand();
  town = await at.populate({ users: 120, groups: 24 });
  await at.enable();
  for (const { id } of town.staff.slice(3, 10)) town.entra.disableUser(id);
  await town.entra.incrementalCycle();
  await at.settled();
});
test.afterAll(async () => {
  await at.stop();
});
test.beforeEach(() => {
  complaints.length = 0;
});
test.afterEach(() => {
  expect(complaints).toEqual([]);
});

const places = [
  ['overview', 'Vue d’ensemble'],
  ['setup', 'Mise en place'],
  ['mapping', 'Correspondances'],
  ['preview', 'Aperçu'],
  ['review', 'Revue'],
  ['people', 'Collaborateurs'],
  ['groups', 'Groupes'],
  ['activity', 'Activité'],
  ['activity/deliveries', 'Activité'],
  ['settings/sources', 'Réglages'],
  ['settings/policy', 'Réglages'],
  ['settings/protected', 'Réglages'],
  ['settings/notifications', 'Réglages'],
  ['settings/network', 'Réglages'],
  ['settings/keeping', 'Réglages'],
  ['settings/appearance', 'Réglages'],
  ['settings/about', 'Réglages'],
] as const;
/** Lists whose first row opens what it is about. */
const lists = ['preview', 'people', 'groups', 'activity', 'activity/deliveries'];

test('every page is accessible in both themes, and French whole', async ({ browser }) => {
  test.setTimeout(240_000);
  const page = await logIn(at, browser, { colorScheme: 'light', locale: 'fr-FR' });
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  for (const [hash, title] of places) {
    await goBy(page, `#/${hash}`);
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
    if (lists.includes(hash)) await page.getByRole('row').nth(1).click();
    await accessibleInBoth(page, hash);
    // Activity shows entries and deliveries as they are, people's own words among them.
    if (!hash.startsWith('activity'))
      await expect(page.locator('main')).not.toContainText(/\b(the|waits|would|Nothing|removed)\b/);
  }
  await page.context().close();
});

test('a chosen language and theme stay over a reload', async ({ browser }) => {
  const page = await logIn(at, browser);
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitem', { name: 'Français' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Vue d’ensemble' })).toBeVisible();
  await page.getByRole('button', { name: 'Couleurs' }).click();
  await page.getByRole('menuitem', { name: 'Sombre' }).click();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Vue d’ensemble' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
});

test('A3 a person’s page names every group that speaks for them, and the one that decides', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goTo(page, 'People');
  const both = town.company.people.find(({ id }) => id === town.company.cast.both)!;
  await page.getByLabel('Name, userName or e-mail').fill(both.userName);
  await page.getByRole('row', { name: both.userName }).click();
  const detail = page.getByRole('complementary');
  await expect(detail.getByText('decides')).toBeVisible();
  await expect(detail.getByText('The same in Steeple').first()).toBeVisible();
});

test('J1 the journal’s chain is verified on request, and an entry shows what it holds', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Activity');
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  const { entries } = await at.ask('journal.verify', {});
  await expect(page.getByText(`Unbroken: ${entries.toLocaleString('en-GB')} entries`)).toBeVisible();
  await page.getByRole('row', { name: /sync\.enable/ }).click();
  await expect(page.getByRole('complementary').getByText('"what": "sync.enable"')).toBeVisible();
});

test('a group tells who is in it, what it gives, and which group serves it in Steeple', async ({ browser }) => {
  const page = await logIn(at, browser);
  const [link] = town.company.links;
  await goBy(page, '#/groups');
  await page.getByLabel('Name of a group').fill(link!.displayName);
  await page.getByRole('row', { name: link!.displayName }).first().click();
  const detail = page.getByRole('complementary');
  await expect(detail.getByRole('heading', { level: 2, name: link!.displayName })).toBeVisible();
  await expect(detail.getByText(/By the group “/)).toBeVisible();
  await detail.getByRole('link').filter({ hasText: /./ }).first().waitFor();
});

test('I7 a source’s new token is shown once, works at once, and is in no storage of the page', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goBy(page, '#/settings/sources');
  await page.getByRole('button', { name: 'New token…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Hours the old token goes on working').fill('800');
  await expect(dialog.getByText('A number from 0 to 720')).toBeVisible();
  await dialog.getByLabel('Hours the old token goes on working').fill('2');
  await dialog.getByRole('button', { name: 'Make the new token' }).click();
  await expect(page.getByText('Copy the new token now')).toBeVisible();
  const token = (await page.locator('[role=status] code').textContent()) ?? '';
  expect(token.length).toBeGreaterThan(30);
  const { scim } = await at.ask('status', {});
  const answer = await fetch(`${scim}/Users?count=1`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain(token);
  await page.getByRole('button', { name: 'I have it' }).click();
  await expect(page.getByText(token)).toHaveCount(0);
  await page.reload();
  await expect(page.getByText(token)).toHaveCount(0);
});

test('G6 a limit is changed under a name, refused in words, and what is typed survives a look at another page', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  await goBy(page, '#/settings/policy');
  const cap = page.getByLabel('But never more than');
  await cap.fill('a few');
  await expect(page.getByText(/^A number from 0 to/)).toBeVisible();
  await cap.fill('40');
  await goTo(page, 'People');
  await goBy(page, '#/settings/policy');
  await expect(cap).toHaveValue('40');
  await cap.press('Enter');
  await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0);
  expect((await at.ask('policy.show', {})).limitCap).toBe(40);
});
