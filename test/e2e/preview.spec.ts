/** The plan: read as a sentence, by person and by key, and enabled by name; a stale one is refused. */
import { expect, test } from '@playwright/test';
import { type Stand, stand, type Town } from './stand.ts';
import { accessible, complaints, goTo, logIn } from './visit.ts';

test.describe.configure({ mode: 'serial' });

let at: Stand;
let town: Town;
test.beforeAll(async () => {
  test.setTimeout(240_000);
  at = await stand();
  town = await at.populate({ users: 120, groups: 24 });
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

test('the plan reads as a sentence, and says of each person why', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  const { summary, total, strangers } = await at.ask('plan.make', { limit: 1 });
  await expect(page.getByText(`This plan changes ${total.people} people`)).toBeVisible();
  await expect(page.getByText(`creates ${summary.create} accounts`)).toBeVisible();
  const [somebody] = town.staff.slice(5);
  await page.getByLabel('Name or userName').fill(somebody!.userName);
  await page.getByRole('row', { name: somebody!.userName }).click();
  const detail = page.getByRole('complementary');
  await expect(detail.getByRole('heading', { level: 2, name: somebody!.displayName })).toBeVisible();
  await expect(detail.getByText(/gives (contributor|administrator)/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Clear' }).click();
  for (const tab of ['Communities', 'Operations', 'Unknown accounts', 'Missing details', 'Limits tripped']) {
    await page.getByRole('tab', { name: tab }).click();
    await accessible(page, tab);
  }
  await page.getByRole('tab', { name: 'Unknown accounts' }).click();
  await expect(page.getByRole('row')).toHaveCount(strangers.length + 1);
  await expect(page.getByText('former.intern@aldine.example')).toBeVisible();
});

test('a long list moves by arrows, End and Home, and the focus goes with it', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  const rows = page.getByRole('grid', { name: 'People' }).getByRole('row');
  await rows.nth(1).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('[role=row]:focus')).toHaveAttribute('aria-selected', 'true');
  await expect(page.locator('[role=row]:focus')).toHaveAttribute('aria-rowindex', '3');
  await page.keyboard.press('End');
  const { total } = await at.ask('plan.make', { limit: 1 });
  await expect(page.locator('[role=row]:focus')).toHaveAttribute('aria-rowindex', String(total.people + 1));
  await page.keyboard.press('Home');
  await expect(page.locator('[role=row]:focus')).toHaveAttribute('aria-rowindex', '2');
});

test('G2 enabling a plan that has gone stale is refused, and the new plan is shown with what is different', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  await expect(page.getByText(/This plan changes/)).toBeVisible();
  await page.getByRole('button', { name: 'Enable sync' }).click();
  const dialog = page.getByRole('dialog', { name: 'Enable sync to Steeple' });
  const named = await dialog.getByRole('button', { name: /^Enable with plan-/ }).textContent();
  // Steeple has this person already, so their going is a removal that the plan on the screen does not show.
  town.entra.disableUser(town.staff[0]!.id);
  await town.entra.incrementalCycle();
  await dialog.getByRole('button', { name: named! }).click();
  await expect(dialog.getByText('The plan changed while you were reading. Nothing was enabled.')).toBeVisible();
  expect((await at.ask('status', {})).sync.state).toBe('off');
  await accessible(page, 'stale plan');
  const renewed = dialog.getByRole('button', { name: /^Enable with plan-/ });
  await expect(renewed).not.toHaveText(named!);
  await renewed.click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Switch sync off' })).toBeVisible();
  const { sync } = await at.ask('status', {});
  expect(sync).toMatchObject({ state: 'on', by: 'Ines Moreau' });
  await at.settled();
});
