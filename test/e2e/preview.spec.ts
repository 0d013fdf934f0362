/** The plan: read as a sentence, by person and by key; narrowed, kept, compared, prepared for, and enabled by name. */
import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import { type Stand, stand, type Town } from './stand.ts';
import { accessible, accessibleInBoth, goTo, logIn, test } from './visit.ts';

test.describe.configure({ mode: 'serial', timeout: 240_000 });

test.use({ actionTimeout: 30_000 }); // what is not there is said at once, not when the test is over

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

test('an operation on a group says who enters and leaves it, and of each of them why, by keyboard', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  const { id } = await at.ask('plan.make', { limit: 1 });
  const { items } = await at.ask('plan.operations', { id, limit: 10_000 });
  const filling = items.find(({ members }) => (members?.enter ?? 0) > 2)!;
  const { items: members } = await at.ask('plan.members', { id, order: filling.order });
  await goTo(page, 'Preview');
  await page.getByRole('tab', { name: /^Operations/ }).click();
  const grid = page.getByRole('grid', { name: 'Operations' });
  await grid.getByRole('row').nth(1).focus();
  await page.keyboard.press('ArrowDown'); // the first is chosen, and is about one person
  const detail = page.getByRole('complementary');
  await expect(detail.getByText(items[0]!.resource.replace('Users/', '')).first()).toBeVisible();
  for (let steps = Math.floor((filling.order - 1) / 10); steps > 0; steps -= 1) await page.keyboard.press('PageDown');
  for (let steps = (filling.order - 1) % 10; steps > 0; steps -= 1) await page.keyboard.press('ArrowDown');
  await expect(detail.getByRole('heading', { level: 2, name: filling.resource.replace('Groups/', '') })).toBeVisible();
  const list = detail.getByRole('region', { name: 'Who enters and leaves' });
  await expect(list.getByText('Enters', { exact: true })).toHaveCount(Math.min(members.length, 50));
  if (members.length > 50) await list.getByRole('button', { name: /50 of/ }).press('Enter');
  await expect(list.getByText('Enters', { exact: true })).toHaveCount(members.length);
  const [first] = members;
  const why = list.getByRole('button', { name: `Why ${first!.person.name}?` });
  await why.focus();
  await page.keyboard.press('Enter');
  await expect(why).toHaveAttribute('aria-expanded', 'true');
  const reason = first!.person.access.flatMap(({ because }) => because)[0]!;
  await expect(list.getByText(reason.group).first()).toBeVisible();
  await accessibleInBoth(page, 'who enters a group');
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

test('the relay finds and narrows: by community and movement, by kind, by what was typed', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  await expect(page.getByText(/This plan changes/)).toBeVisible();
  const { id, communities = [] } = await at.ask('plan.make', { limit: 1 });
  const most = [...communities].sort((a, b) => b.enters - a.enters)[0]!;
  const rows = page.getByRole('grid', { name: 'People' });
  const said = async (filter: object) => {
    const { total } = await at.ask('plan.people', { id, limit: 1, ...filter });
    await expect(rows).toHaveAttribute('aria-rowcount', String(total + 1));
    return total;
  };
  await page.getByLabel('Community', { exact: true }).selectOption(most.community);
  await page.getByLabel('Change of access').selectOption('Enters a community');
  expect(await said({ community: most.community, movement: ['enters'] })).toBe(most.enters);
  await page.getByLabel('Name or userName').fill('e');
  await said({ community: most.community, movement: ['enters'], text: 'e' });
  await page.getByRole('button', { name: 'Show everybody' }).click();
  await page.getByRole('button', { name: /^New/ }).click();
  await said({ change: ['create'] });
  await page.getByLabel('Name or userName').fill('nobody is called that');
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await page.getByRole('button', { name: /^Show all/ }).click();
  await said({});
  // The community says the same, and leads back to the very people.
  await page.getByRole('tab', { name: /^Communities/ }).click();
  await page.getByRole('row', { name: new RegExp(most.name) }).click();
  await page.getByRole('button', { name: /^Show them: .* enters?$/ }).click();
  await expect(rows).toHaveAttribute('aria-rowcount', String(most.enters + 1));
});

test('P3 a stranger is declared external with a reason, an owner and a day, and is no surprise any more', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  await page.getByRole('tab', { name: /^Unknown accounts/ }).click();
  await page.getByRole('row', { name: /agency@partner/ }).click();
  const detail = page.getByRole('complementary');
  await expect(detail.getByText(/then it loses all access/)).toBeVisible();
  await detail.getByLabel('Why it is there').fill('Writes the newsletter');
  await detail.getByLabel('Who answers for it').fill('Marketing');
  await detail.getByLabel('Look again on').fill('2031-05-04');
  await accessible(page, 'a stranger');
  await detail.getByRole('button', { name: 'Declare external' }).click();
  await expect(page.getByRole('row', { name: /agency@partner/ }).getByText('External: kept')).toBeVisible();
  const { items } = await at.ask('external.list', {});
  expect(items).toMatchObject([
    { userName: 'agency@partner.example', reason: 'Writes the newsletter', owner: 'Marketing', by: 'Ines Moreau' },
  ]);
});

test('a plan is kept by name, compared with a later one, and written out as a file', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  await page.getByRole('button', { name: 'Keep…' }).click();
  await page.getByRole('dialog').getByLabel(/^Name/).fill('As it was');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  const [, , changed] = town.staff.slice(5);
  town.entra.disableUser(changed!.id);
  await town.entra.incrementalCycle();
  await page.getByRole('button', { name: 'Make the plan again' }).first().click();
  await expect(page.getByText('Something changed since.')).toBeHidden();
  await page.getByRole('link', { name: 'Earlier plans' }).click();
  await page.getByRole('row', { name: /As it was/ }).click();
  await accessible(page, 'earlier plans');
  await page
    .getByRole('complementary')
    .getByRole('link', { name: /^plan-/ })
    .first()
    .click();
  await expect(page.getByRole('row', { name: changed!.userName }).getByText('The earlier only')).toBeVisible();
  await accessible(page, 'two plans compared');
  await goTo(page, 'Preview');
  await page.getByRole('button', { name: 'Export' }).click();
  const saved = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Table (CSV)' }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  const text = readFileSync(await download.path(), 'utf8');
  expect(text).toContain(town.staff[5]!.userName);
  expect(text).not.toContain(changed!.userName);
});

test('the draft is previewed like what is published, and cannot be enabled', async ({ browser }) => {
  const { links } = await at.ask('mapping.board', { of: 'published' });
  const [{ source, groupId, community, role }] = links as [(typeof links)[number]];
  await at.ask('mapping.draft.change', { remove: [{ source, groupId, community, role }], by: 'Ines Moreau' });
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  await page.getByText('Draft', { exact: true }).click();
  await expect(page.getByText('This is what the draft would do')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Enable sync' })).toBeHidden();
  await accessible(page, 'a draft');
  await at.ask('mapping.draft.discard', { by: 'Ines Moreau' });
});

test('what is red must be put right, and what is amber is confirmed, typed in or looked at until all is green', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  await at.steeple.sso(false);
  await goTo(page, 'Preview');
  // Steeple refuses, so there is no plan; what stands in the way is said in its place.
  await expect(page.getByText('must be put right first')).toBeVisible();
  const item = (name: string) => page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) });
  await expect(item('Single sign-on').getByRole('img', { name: 'Must be put right' })).toBeVisible();
  await at.steeple.sso(true);
  await page.getByRole('button', { name: 'Make a plan' }).click();
  await page.getByRole('tab', { name: /^Before enabling/ }).click();
  await at.steeple.sso(false);
  await page.getByRole('button', { name: 'Look again' }).click();
  await expect(page.getByText('must be put right first')).toBeVisible();
  await page.getByRole('button', { name: 'Enable sync' }).click();
  await expect(page.getByRole('dialog').getByRole('button', { name: /^Enable with plan-/ })).toBeDisabled();
  await page.keyboard.press('Escape');
  await at.steeple.sso(true);
  await page.getByRole('button', { name: 'Look again' }).click();
  await expect(page.getByText(/Nothing stands in the way/)).toBeVisible();
  await accessible(page, 'pre-flight');
  await page.getByRole('button', { name: 'Confirm: Single sign-on' }).click();
  await expect(item('Single sign-on').getByText('Confirmed by Ines Moreau')).toBeVisible();
  await page.getByRole('button', { name: 'Confirm: A full cycle of Entra ID' }).click();
  const { counts } = await at.ask('preflight.show', {});
  await page.getByLabel('Users that the page of Entra ID says').fill(String(counts[0]!.here.users + 1));
  await page.getByLabel('Groups that the page of Entra ID says').fill(String(counts[0]!.here.groups));
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('One fewer here')).toBeVisible();
  await page.getByLabel('Users that the page of Entra ID says').fill(String(counts[0]!.here.users));
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('They agree')).toBeVisible();
  await page.getByRole('button', { name: 'I have looked: Unknown accounts' }).click();
  await expect(page.getByText('Everything is green. You can enable.')).toBeVisible();
  expect((await at.ask('preflight.show', {})).ready).toBe(true);
});

test('G2 a stale plan is refused and shown anew, and what it brought is accepted anew', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  await expect(page.getByText(/This plan changes/)).toBeVisible();
  await page.getByRole('button', { name: 'Enable sync' }).click();
  const dialog = page.getByRole('dialog', { name: 'Enable sync to Steeple' });
  const named = await dialog.getByRole('button', { name: /^Enable with plan-/ }).textContent();
  await expect(dialog.getByRole('button', { name: named! })).toBeEnabled(); // all is green since the test before
  // Steeple has this person already, so their going makes an account of theirs that nobody names any more.
  town.entra.disableUser(town.staff[0]!.id);
  await town.entra.incrementalCycle();
  await dialog.getByRole('button', { name: named! }).click();
  await expect(dialog.getByText('The plan changed while you were reading. Nothing was enabled.')).toBeVisible();
  expect((await at.ask('status', {})).sync.state).toBe('off');
  await accessible(page, 'stale plan');
  const renewed = dialog.getByRole('button', { name: /^Enable with plan-/ });
  await expect(renewed).not.toHaveText(named!);
  await expect(renewed).toBeDisabled(); // nobody has looked at the accounts of this plan
  await dialog.getByLabel('Accept: Unknown accounts').check();
  await renewed.click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Switch sync off' })).toBeVisible();
  expect((await at.ask('status', {})).sync).toMatchObject({ state: 'on', by: 'Ines Moreau' });
  await at.settled();
});

test('switching off asks what becomes of what is owed, and says that people stay', async ({ browser }) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  await page.getByRole('button', { name: 'Switch sync off…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Switch sync off' });
  await expect(dialog.getByLabel('They stay as they are')).toBeChecked();
  await dialog.getByLabel('Send it first').check();
  await accessibleInBoth(page, 'switching off');
  await expect(dialog.getByRole('button', { name: 'Switch sync off' })).toBeDisabled();
  await dialog.getByLabel('Reason').fill('Until the audit is over');
  await dialog.getByRole('button', { name: 'Switch sync off' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Enable sync' })).toBeVisible();
  expect((await at.ask('status', {})).sync.state).toBe('off');
});

test('G3 what the relay made in Steeple is taken back through Review, and the rest is left when one says so', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  await page.getByRole('button', { name: 'Take back accounts…' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Take back the accounts that the relay made' });
  const { summary } = await at.ask('plan.make', { of: 'take-back', limit: 1 });
  await expect(dialog.getByText(`${summary.remove} accounts would wait in Review`)).toBeVisible();
  await dialog.getByLabel('Reason').fill('The contract ends');
  await accessibleInBoth(page, 'taking back');
  await dialog.getByRole('button', { name: 'Take back, through Review' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(`${summary.remove} accounts that the relay made are still in Steeple`)).toBeVisible();
  await expect.poll(async () => (await at.ask('review.list', { limit: 1 })).total).toBe(summary.remove);
  expect((await at.steeple.state()).users.filter(({ active }) => active).length).toBeGreaterThan(summary.remove);
  await accessible(page, 'a preview while accounts are taken back');
  await page.getByRole('link', { name: 'Decide in Review' }).first().click();
  await expect(
    page.getByText(/the accounts that the relay made in Steeple are to be taken back/).first(),
  ).toBeVisible();
  await goTo(page, 'Preview');
  await page.getByRole('button', { name: 'Leave the rest…' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('They renewed');
  await page.getByRole('dialog').getByRole('button', { name: 'Leave the rest' }).click();
  await expect(page.getByText('accounts that the relay made are still in Steeple')).toBeHidden();
  await expect.poll(async () => (await at.ask('review.list', { limit: 1 })).total).toBe(0);
});

test('G3 what a plan takes away leaves on enabling only where the person says so, seeing whom it is about', async ({
  browser,
}) => {
  const leaver = town.staff[5]!;
  town.entra.disableUser(leaver.id);
  await town.entra.incrementalCycle();
  const page = await logIn(at, browser);
  await goTo(page, 'Preview');
  await expect(page.getByText('What it takes from one person waits until you approve it.')).toBeVisible();
  await page.getByRole('button', { name: 'Enable sync' }).click();
  const dialog = page.getByRole('dialog', { name: 'Enable sync to Steeple' });
  await expect(dialog.getByText(`${leaver.displayName}.`)).toBeVisible();
  for (const box of await dialog.getByLabel(/^Accept: /).all()) await box.check();
  await accessible(page, 'removals');
  await dialog.getByLabel(/^Also take it from this one person now/).check();
  await dialog.getByRole('button', { name: /^Enable with plan-.*, and take from one person$/ }).click();
  await expect(dialog).toBeHidden();
  await at.settled();
  expect((await at.ask('status', {})).held.count).toBe(0);
  const { users } = await at.steeple.state();
  expect(users.find(({ userName }) => userName === leaver.userName)?.active ?? false).toBe(false);
});
