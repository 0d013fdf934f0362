/** Departures wait for a person: decided by keyboard alone, at once by filter, and with the relay away. */
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

test('G3 departures wait in Review: one approved and one kept, by keyboard alone', async ({ browser }) => {
  test.setTimeout(240_000);
  const before = await at.ask('review.list', {});
  expect(before.total).toBeGreaterThanOrEqual(4);
  const page = await logIn(at, browser);
  await expect(page.getByText(`${before.total} changes wait for your decision`)).toBeVisible();
  await accessible(page, 'overview with held items');
  await goTo(page, 'Review');
  const [first, second] = before.items.toSorted((a, b) => a.since - b.since || a.id - b.id);
  await expect(page.getByRole('heading', { level: 2, name: first!.name })).toBeVisible();
  await expect(page.getByText('Their posts become invisible in Steeple.')).toBeVisible();
  await accessible(page, 'review');

  await page.keyboard.press('a');
  await accessible(page, 'approving');
  await page.keyboard.type('Left the company');
  await page.keyboard.press('Enter');
  await expect(page.getByText(`Removal from Steeple approved for ${first!.name}.`)).toBeVisible();

  await expect(page.getByRole('heading', { level: 2, name: second!.name })).toBeVisible(); // the next one comes by itself
  await page.keyboard.press('k');
  await page.keyboard.type('Back next week');
  await page.keyboard.press('Enter');
  await expect(page.getByText(`${second!.name} is kept as they are.`)).toBeVisible();
  await at.settled();

  expect(await at.ask('review.show', { id: first!.id })).toMatchObject({
    state: 'sent',
    decidedBy: 'Ines Moreau',
    reason: 'Left the company',
  });
  expect(await at.ask('review.show', { id: second!.id })).toMatchObject({ state: 'kept', reason: 'Back next week' });
  const { users } = await at.steeple.state();
  const activeIn = (userName: string) =>
    users.find((user) => user.userName.toLowerCase() === userName.toLowerCase())?.active;
  expect(activeIn(first!.userName)).toBe(false);
  expect(activeIn(second!.userName)).toBe(true);
});

test('G4 a decision can be taken back with a key, and j goes to the next', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Review');
  const name = await page.getByRole('complementary').getByRole('heading', { level: 2 }).textContent();
  await page.keyboard.press('j');
  await expect(page.getByRole('complementary').getByRole('heading', { level: 2 })).not.toHaveText(name!);
  await page.keyboard.press('k');
  await page.keyboard.type('To be checked');
  await page.keyboard.press('Enter');
  await expect(page.getByText('is kept as they are.')).toBeVisible();
  const kept = await at.ask('review.list', { states: ['kept'] });
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('u');
  await expect(page.getByText('waits for a decision again')).toBeVisible();
  expect((await at.ask('review.list', { states: ['kept'] })).total).toBe(kept.total - 1);
});

test('G3 many at once: what a filter finds is kept, once the number is typed back', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Review');
  const before = await at.ask('review.list', {});
  const one = before.items.at(-1)!;
  await page.getByLabel('Name, userName', { exact: false }).fill(one.userName);
  await expect(page.getByText('One change', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Decide on it…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Back from leave on Monday');
  const keep = dialog.getByRole('button', { name: 'Keep one' });
  await dialog.getByLabel('Type 1 to confirm').fill('2');
  await expect(keep).toBeDisabled();
  await dialog.getByLabel('Type 1 to confirm').fill('1');
  await accessible(page, 'bulk');
  await keep.click();
  await expect(page.getByText('One is kept as they are.')).toBeVisible();
  expect(await at.ask('review.show', { id: one.id })).toMatchObject({ state: 'kept', decidedBy: 'Ines Moreau' });
  expect((await at.ask('review.list', {})).total).toBe(before.total - 1);
});

test('with the relay killed one goes on deciding; it waits, and is sent when the relay is back', async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const page = await logIn(at, browser);
  await goTo(page, 'Review');
  const { items } = await at.ask('review.list', {});
  const [first, second] = items.toSorted((a, b) => a.since - b.since || a.id - b.id);
  const detail = page.getByRole('complementary');
  await expect(detail.getByRole('heading', { level: 2, name: first!.name })).toBeVisible();
  await page.keyboard.press('k');
  await page.keyboard.type('Half a sent');
  await at.stopRelay();
  await expect(page.getByText('The relay does not answer.', { exact: true })).toBeVisible();
  await page.keyboard.type('ence');
  await expect(page.getByLabel('Reason')).toHaveValue('Half a sentence');
  await page.keyboard.press('Enter');
  await expect(page.getByText('One decision waits for the relay')).toBeVisible();
  await expect(detail.getByRole('heading', { level: 2, name: second!.name })).toBeVisible();
  await goTo(page, 'People');
  await goTo(page, 'Review'); // what was known is still shown
  await expect(page.getByText('Waits for the relay', { exact: true })).toBeVisible();
  await accessible(page, 'offline review');

  await at.startRelayAgain();
  await expect(page.getByText('This browser is not logged in')).toBeVisible(); // a restart ends every session
  await page.evaluate(
    (to) => {
      location.href = to;
    },
    await at.address(),
  );
  await expect
    .poll(async () => (await at.ask('review.show', { id: first!.id })).state, { timeout: 20_000 })
    .toBe('kept');
  expect(await at.ask('review.show', { id: first!.id })).toMatchObject({
    reason: 'Half a sentence',
    decidedBy: 'Ines Moreau',
  });
  await goTo(page, 'Review');
  await expect(page.getByText('One decision waits for the relay')).toHaveCount(0);
});
