/** Every page with a company in it: in both themes, in French whole; and what People, Groups, Activity and Settings tell. */
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
  ['activity/drift', 'Activité'],
  ['activity/chain', 'Activité'],
  ['review/back', 'Rétablir ce qui est parti'],
  ['review/bundle', 'Un fichier de revue d’un autre relais'],
  ['settings/sources', 'Réglages'],
  ['settings/policy', 'Réglages'],
  ['settings/standing', 'Réglages'],
  ['settings/protected', 'Réglages'],
  ['settings/externals', 'Réglages'],
  ['settings/notifications', 'Réglages'],
  ['settings/network', 'Réglages'],
  ['settings/keeping', 'Réglages'],
  ['settings/appearance', 'Réglages'],
  ['settings/about', 'Réglages'],
] as const;
/** Lists whose first row opens what it is about. */
const lists = ['preview', 'people', 'groups', 'activity', 'activity/deliveries'];

test('every page is accessible in both themes, and French whole', async ({ browser }) => {
  test.setTimeout(600_000);
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
  await page.getByRole('row', { name: 'Switched sync on' }).click();
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
  await cap.press('Enter'); // nothing is saved without a reason, and the focus goes where it is asked for
  const reason = page.getByLabel('Reason');
  await expect(reason).toBeFocused();
  await expect(page.getByText('Say why: it is written in the journal')).toBeVisible();
  await accessibleInBoth(page, 'a reason for a limit');
  await page.keyboard.type('The merger moves forty people');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0);
  expect((await at.ask('policy.show', {})).limitCap).toBe(40);
  const [entry] = (await at.ask('journal.find', { kinds: ['decision'], limit: 1 })).items;
  expect(entry).toMatchObject({ actor: 'Ines Moreau', body: { reason: 'The merger moves forty people' } });

  const drift = page.getByLabel('What is done about them');
  await drift.selectOption('They are put back at once');
  await reason.press('Escape');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(drift).toHaveValue('report');
  await drift.selectOption('They are put back at once');
  await reason.fill('Nobody may change Steeple by hand');
  await reason.press('Enter');
  await expect.poll(async () => (await at.ask('policy.show', {})).drift).toBe('restore');
  await at.ask('policy.set', { key: 'drift', value: 'report', by: 'Ines Moreau' });

  await goBy(page, '#/settings/protected');
  const person = town.staff[0]!;
  await page.getByLabel('Protect somebody').fill(person.userName);
  await page.getByRole('button', { name: `Protect: ${person.displayName}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Runs the town hall');
  await accessible(page, 'protecting somebody');
  await dialog.getByRole('button', { name: 'Protect' }).click();
  await expect(page.getByRole('list', { name: 'Protected people' }).getByText(person.userName)).toBeVisible();
  expect((await at.ask('policy.show', {})).protected).toContain(person.userName);
});

test('the journal is narrowed on the relay, by kind, by words and by person, and what comes in shows by itself', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  await goTo(page, 'Activity');
  const rows = page.getByRole('grid', { name: 'Journal' }).getByRole('row');
  await page.getByRole('button', { name: /^Decisions \d/ }).click();
  await page.getByLabel('Words in an entry').fill('first mapping');
  await expect(rows).toHaveCount(2); // the head, and the one that was published
  await expect(rows.nth(1)).toContainText('Published the mapping');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('button', { name: /^All/ }).click();
  const person = town.staff[20]!;
  await page.getByRole('combobox', { name: 'A person or group' }).fill(person.userName);
  await page.getByRole('option', { name: person.userName }).click();
  await expect(rows.nth(1)).toContainText('Group add members');
  const before = await rows.count();
  town.entra.updateUser(person.id, { title: 'Head of Nothing' });
  await town.entra.incrementalCycle();
  await expect(rows).toHaveCount(before + 1);
  await rows.nth(1).click();
  await expect(page.getByRole('complementary').getByText('Head of Nothing')).toBeVisible();
  await accessible(page, 'a narrowed journal');
});

test('D5 a dead letter says its cause, is put right by hand, and is delivered as it was corrected', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  const person = town.staff[21]!;
  const taken = 'taken@aldine.example';
  await at.steeple.seed([{ userName: taken }]);
  town.entra.renameUser(person.id, taken);
  await town.entra.incrementalCycle();
  await at.settled();
  await goBy(page, '#/activity/deliveries');
  await page.getByRole('button', { name: /^Refused/ }).click();
  await page.getByRole('row', { name: taken }).click();
  const detail = page.getByRole('complementary');
  await expect(detail.getByText(/Steeple says the name is taken/)).toBeVisible();
  await expect(detail.getByText('Find the account that holds this name', { exact: false })).toBeVisible();
  await detail.getByRole('button', { name: 'Put it right…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('User name').fill('not.taken@aldine.example');
  await dialog.getByLabel('Reason').fill('Until the other account is gone');
  await accessible(page, 'putting a delivery right');
  await dialog.getByRole('button', { name: 'Send it so' }).click();
  await expect(dialog).toBeHidden();
  await at.settled();
  const names = (await at.steeple.state()).users.map(({ userName }) => userName);
  expect(names).toContain('not.taken@aldine.example');
  expect((await at.ask('status', {})).deliveries.dead).toBe(0);
});

test('what somebody changed in Steeple is found by a scan, and put back by a choice', async ({ browser }) => {
  test.setTimeout(240_000);
  const page = await logIn(at, browser);
  const person = town.staff[22]!;
  const account = (await at.steeple.state()).users.find(
    ({ userName }) => userName.toLowerCase() === person.userName.toLowerCase(),
  )!;
  await at.scim('PATCH', `/Users/${account.id}`, [{ op: 'replace', path: 'active', value: false }]);
  await goBy(page, '#/activity/drift');
  const row = page.getByRole('row', { name: `${person.userName} was switched off` });
  // What was written within the last minute is left out of a scan.
  await expect(async () => {
    await page.getByRole('button', { name: 'Scan now' }).click();
    await expect(row).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 120_000, intervals: [5_000] });
  await row.click();
  const detail = page.getByRole('complementary');
  await detail.getByLabel('Why (for the journal)').fill('Nobody may do this by hand');
  await accessible(page, 'a change in Steeple');
  await detail.getByRole('button', { name: 'Put it back' }).click();
  await expect(row).toBeHidden();
  await at.settled();
  const after = (await at.steeple.state()).users.find(({ id }) => id === account.id);
  expect(after?.active).toBe(true);
  const [decided] = (await at.ask('drift.show', { states: ['restored'] })).items;
  expect(decided).toMatchObject({ decidedBy: 'Ines Moreau', reason: 'Nobody may do this by hand' });
});

test('everything the relay stands on is looked at from the page, in French too', async ({ browser }) => {
  const page = await logIn(at, browser, { locale: 'fr-FR' });
  await goBy(page, '#/settings/about');
  await page.getByRole('button', { name: 'Examiner maintenant' }).press('Enter');
  const list = page.getByRole('list', { name: 'Diagnostic' });
  await expect(list.getByText('Le journal peut être écrit')).toBeVisible();
  await expect(list.getByText(/^Steeple répond, et accepte le jeton/)).toBeVisible();
  await expect(list.getByText('Utilisez https://, sauf pour le bac à sable.')).toBeVisible();
  await expect(list.locator('[lang=en]')).toHaveCount(1); // the versions
  await accessibleInBoth(page, 'the check-up');
});

test('with the clipboard’s permission refused a value is copied all the same, and what was not does not say so', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  await page.evaluate(() => {
    navigator.clipboard.writeText = () =>
      Promise.reject(new DOMException('Write permission denied', 'NotAllowedError'));
  });
  await goBy(page, '#/settings/reviewers');
  const { fingerprint } = await at.ask('bundle.key', {});
  const button = page.getByRole('button', { name: `Copy: ${fingerprint}` });
  await button.press('Enter');
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  await goTo(page, 'People');
  const search = page.getByRole('textbox').first();
  await search.press('ControlOrMeta+V');
  await expect(search).toHaveValue(fingerprint);
  await page.evaluate(() => {
    document.execCommand = () => false;
  });
  await goBy(page, '#/settings/reviewers');
  await button.press('Enter');
  await page.evaluate(() => new Promise((done) => setTimeout(done, 50)));
  await expect(page.getByRole('button', { name: 'Copied' })).toHaveCount(0);
});

test('an account made by hand is declared external with an owner, looked for, and ended with a reason', async ({
  browser,
}) => {
  const page = await logIn(at, browser);
  await goBy(page, '#/settings/externals');
  await page.getByRole('button', { name: 'Declare one…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Account' }).fill('agency');
  await page.getByRole('option', { name: 'agency@partner.example' }).click();
  await dialog.getByLabel('Why it is there').fill('Writes the newsletter');
  await dialog.getByLabel('Who answers for it').fill('Communications');
  await accessible(page, 'declaring an account external');
  await dialog.getByRole('button', { name: 'Declare it external' }).click();
  const card = page.getByRole('article', { name: 'agency@partner.example' });
  await expect(card.getByText('Who answers for it: Communications', { exact: false })).toBeVisible();
  expect((await at.ask('external.list', {})).items).toMatchObject([{ owner: 'Communications', by: 'Ines Moreau' }]);
  await card.getByRole('button', { name: 'End…' }).click();
  await dialog.getByLabel('Reason').fill('The contract is over');
  await dialog.getByRole('button', { name: 'End it' }).click();
  await expect(page.getByText('No account is declared external')).toBeVisible();
});

test('G3 G8 a standing approval that one person proposes waits for another under the two-person rule', async ({
  browser,
}) => {
  await at.ask('policy.set', { key: 'twoPerson', value: true, by: 'Olu Byrne' });
  const until = Date.now() + 86_400_000;
  const wish = { kinds: ['remove' as const], upTo: 2, afterDays: 1, until, reason: 'Interns leave on Friday' };
  await at.ask('policy.stand', { ...wish, by: 'Olu Byrne' });
  const page = await logIn(at, browser);
  await goBy(page, '#/settings/standing');
  await expect(page.getByText('Olu Byrne proposes to loosen the policy')).toBeVisible();
  await accessible(page, 'a proposal');
  await page.getByRole('button', { name: 'Agree to it' }).click();
  await expect(page.getByText('Olu Byrne proposes to loosen the policy')).toBeHidden();
  const card = page.getByRole('article', { name: wish.reason });
  await expect(card.getByText('In force')).toBeVisible();
  await card.getByRole('button', { name: 'End…' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('They are all gone');
  await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
  await expect(page.getByText('Every removal waits for a person')).toBeVisible();
});
