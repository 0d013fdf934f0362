/** Departures wait for a person: decided by keyboard alone, at once by filter, and with the relay away. */
import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import { type Stand, stand, type Town } from './stand.ts';
import { accessible, accessibleInBoth, goBy, goTo, logIn, test } from './visit.ts';

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

test('G9 a bundle goes out of the page, is opened and decided on in it, and its decisions are taken in', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Review');
  const before = await at.ask('review.list', {});
  const menu = async (name: string) => {
    await page.getByRole('button', { name: 'More: bundles, and bringing back' }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  await menu('Send a bundle to a reviewer…');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the reviewer').fill('Rosa Reviewer');
  const made = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Make the bundle' }).click();
  const bundle = await (await made).path();
  const [passphrase, fingerprint] = await dialog.locator('code').allTextContents();
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  await menu('Decide on a bundle here…');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose the bundle' }).click();
  await (await chooser).setFiles(bundle);
  await expect(page.getByText(fingerprint!)).toBeVisible();
  await expect(page.getByText(`0 of ${before.total} decided`)).toBeVisible();
  const first = page.getByRole('grid', { name: 'What is to be decided' }).getByRole('row').nth(1);
  await first.click();
  const detail = page.getByRole('complementary');
  await detail.getByText('Keep', { exact: true }).click();
  await detail.getByLabel('Reason').fill('On leave until May');
  const may = new Date(new Date().getFullYear() + 1, 4, 2, 23, 59, 59);
  await detail.getByLabel('Kept until').fill(may.toLocaleDateString('sv-SE'));
  await accessibleInBoth(page, 'a bundle');
  await page.getByRole('button', { name: 'Sign and save the decisions…' }).click();
  await dialog.getByLabel('Passphrase').fill('not the passphrase');
  await dialog.getByRole('button', { name: 'Sign and save' }).click();
  await expect(dialog.getByText('This is not the passphrase of this bundle')).toBeVisible();
  await dialog.getByLabel('Passphrase').fill(passphrase!);
  const signed = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Sign and save' }).click();
  const decisions = await (await signed).path();
  await expect(page.getByText('The file of decisions is saved', { exact: false })).toBeVisible();

  await page.getByRole('link', { name: 'Back to the queue' }).click();
  await menu('Take in a reviewer’s decisions…');
  const taking = page.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: 'Choose the file' }).click();
  await (await taking).setFiles(decisions);
  await expect(dialog.getByText('One decision of Rosa Reviewer is applied.')).toBeVisible();
  const kept = await at.ask('review.list', { states: ['kept'] });
  expect(kept.items.find(({ decidedBy }) => decidedBy === 'Rosa Reviewer')).toMatchObject({
    reason: 'On leave until May',
    until: may.getTime(),
  });
});

test('G8 a reviewer makes a key in the page, is enrolled by it, and signs a bundle that has no passphrase', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  await goBy(page, '#/settings/reviewers');
  await expect(page.getByText('No reviewer is enrolled')).toBeVisible();
  const made = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Make a key' }).press('Enter');
  const key = await (await made).path();
  const own = page.getByRole('region', { name: 'Your own key' });
  const [publicKey, fingerprint] = await own.locator('code').allTextContents();
  await accessibleInBoth(page, 'a key that was made');
  await page.getByRole('button', { name: 'Enrol a reviewer…' }).press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the reviewer').fill('Olu Byrne');
  await dialog.getByLabel('Public key').fill(readFileSync(key, 'utf8')); // the private half, by mistake
  await expect(dialog.getByText('This is not a public key.', { exact: false })).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Enrol' })).toBeDisabled();
  await dialog.getByLabel('Public key').fill(publicKey!);
  await accessible(page, 'enrolling a reviewer');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article', { name: 'Olu Byrne' }).getByText(fingerprint!)).toBeVisible();
  expect(await at.ask('reviewer.list', {})).toMatchObject([
    { name: 'Olu Byrne', publicKey, enrolledBy: 'Ines Moreau' },
  ]);

  await goTo(page, 'Review');
  const menu = async (name: string) => {
    await page.getByRole('button', { name: 'More: bundles, and bringing back' }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  await menu('Send a bundle to a reviewer…');
  await dialog.getByLabel('Name of the reviewer').fill('olu');
  await page.getByRole('option', { name: 'Olu Byrne' }).click();
  const sent = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Make the bundle' }).click();
  const bundle = await (await sent).path();
  await expect(dialog.getByText('Passphrase')).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await menu('Decide on a bundle here…');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /^(Choose the|Another) bundle$/ }).click();
  await (await chooser).setFiles(bundle);
  await page.getByRole('complementary').getByText('Keep', { exact: true }).click();
  await page.getByRole('button', { name: 'Sign and save the decisions…' }).click();
  await dialog.getByLabel('Reason for what has none of its own').fill('Stays for the audit');
  const keyFile = page.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: 'Your key file' }).click();
  await (await keyFile).setFiles(key);
  const signed = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Sign and save' }).click();
  const text = readFileSync(await (await signed).path(), 'utf8');
  const { applied, reviewer } = await at.ask('review.import', { text, by: 'Ines Moreau' });
  expect([applied.length, reviewer]).toEqual([1, 'Olu Byrne']);

  await goBy(page, '#/settings/reviewers');
  await page.getByRole('article', { name: 'Olu Byrne' }).getByRole('button', { name: 'End…' }).click();
  await dialog.getByLabel('Reason').fill('The audit is over');
  await dialog.getByRole('button', { name: 'End it' }).click();
  await expect(page.getByText('No reviewer is enrolled')).toBeVisible();
});

test('what was approved and has left is brought back from its undo file, and ended again', async ({ browser }) => {
  test.setTimeout(120_000);
  const page = await logIn(at, browser);
  // The relay writes the file a moment after the batch has left.
  await expect.poll(async () => (await at.ask('undo.list', {})).length, { timeout: 60_000 }).toBeGreaterThan(0);
  await goBy(page, '#/review/back');
  const detail = page.getByRole('complementary');
  await expect(detail.getByText('Does not come back by a click').first()).toBeVisible();
  await accessible(page, 'what left');
  const [file] = await at.ask('undo.list', {});
  const [gone] = (await at.ask('undo.show', { file: file!.file })).entries;
  const isActive = async () =>
    (await at.steeple.state()).users.find(({ userName }) => userName.toLowerCase() === gone!.userName.toLowerCase())
      ?.active;
  expect(await isActive()).toBe(false);
  await detail.getByRole('button', { name: 'Bring back…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Approved by mistake');
  await dialog.getByRole('button', { name: 'Bring them back' }).click();
  await expect(page.getByText('One person is on the way back.')).toBeVisible();
  await at.settled();
  expect(await isActive()).toBe(true);
  await page.getByRole('button', { name: 'End…' }).click();
  await dialog.getByLabel('Reason').fill('They are leaving after all');
  await dialog.getByRole('button', { name: 'End it' }).click();
  await expect(page.getByText('has something that an undo brought back')).toBeHidden();
  await at.settled();
  expect((await at.ask('review.list', { text: gone!.userName })).total).toBe(1); // a removal again, and it waits
  expect(await isActive()).toBe(true);
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
