/**
 * A mapping changed, by its page: published with the difference shown, taken back, exported and imported; the list of what
 * to click in Steeple followed to the letter; the assistant; and all of it in French and in both themes.
 * Each test leaves the relay as the next one finds it, so they run in order.
 */
import { expect } from '@playwright/test';
import type { LinkKey } from '../../daemon/contract/mapping.ts';
import { by, type Stand, stand, type Town } from './stand.ts';
import { accessible, accessibleInBoth, goBy, goTo, logIn, signed, test } from './visit.ts';

test.describe.configure({ mode: 'serial' });
test.use({ actionTimeout: 10_000 });

let at: Stand;
let town: Town;
test.beforeAll(async () => {
  test.setTimeout(240_000);
  at = await stand();
  town = await at.populate({ users: 60, groups: 24, links: 2 });
});
test.afterAll(async () => {
  await at.stop();
});

const linkKeys = async (): Promise<LinkKey[]> => {
  const [source] = await at.ask('source.list', {});
  const { items } = await at.ask('groups', { limit: 100 });
  return town.company.links.slice(0, 3).map(({ displayName, community, role }) => {
    const groupId = items.find((group) => group.displayName === displayName)?.id ?? '';
    return { source: source?.id ?? '', groupId, community, role };
  });
};
const nameOf = (id: string) => town.company.communities.find((community) => community.id === id)!.name;
const gives = (at: number) => {
  const { displayName, community, role } = town.company.links[at]!;
  return `${displayName} gives ${role} in ${nameOf(community)}`;
};

test('publishing shows the difference first; the history goes back to it, and the table shows the same', async ({
  browser,
}) => {
  const [, leaving, coming] = (await linkKeys()) as [LinkKey, LinkKey, LinkKey];
  await at.ask('mapping.draft.change', { add: [coming], remove: [leaving], by });
  const page = await signed(await logIn(at, browser));
  await goTo(page, 'Mapping');
  await page.getByRole('button', { name: 'Publish…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Publish the draft' });
  await expect(dialog.getByText(gives(1).replace(' gives ', ' no longer gives '))).toBeVisible();
  await expect(dialog.getByText(gives(2))).toBeVisible();
  await dialog.getByLabel('Note').fill('Finance in place');
  await accessible(page, 'publishing');
  await dialog.getByRole('button', { name: 'Publish as version 2' }).click();
  await expect(page.getByText('Version 2 is in force')).toBeVisible();
  expect(await at.ask('mapping.show', {})).toMatchObject({ version: 2, note: 'Finance in place', author: by });
  expect((await at.ask('mapping.show', {})).links).toHaveLength(2);

  await page.getByText('Table', { exact: true }).click();
  await expect(page.getByRole('grid', { name: 'Mapping' }).getByRole('row')).toHaveCount(3);
  await accessible(page, 'the table of links');

  await page.getByRole('button', { name: 'History' }).click();
  const history = page.getByRole('dialog', { name: 'History of the mapping' });
  await expect(history.getByText('Finance in place')).toBeVisible();
  await history.getByRole('button', { name: /^Version 1/ }).click();
  await expect(history.getByRole('button', { name: 'Go back to version 1' })).toBeVisible();
  await expect(history.getByText(/lose access/)).toBeVisible(); // said before, with names
  await page.mouse.move(640, 4); // a tooltip under the mouse lies outside every landmark
  await accessible(page, 'history');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: /pieces? of advice/ }).click();
  await accessible(page, 'advice');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Rules' }).click();
  await accessible(page, 'rules');
});

test('a file with a fault names the line, and one without goes into the draft', async ({ browser }) => {
  const page = await signed(await logIn(at, browser));
  await goTo(page, 'Mapping');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Export what is in force: JSON' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('steeple-mapping-published.json');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Import a file…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import a mapping' });
  const { text } = await at.ask('mapping.file', { of: 'published', format: 'json' });
  await dialog
    .getByLabel('The file')
    .fill(text.replace('"administrator"', '"emperor"').replace('"contributor"', '"serf"'));
  await expect(dialog.getByText(/to be put right first|has to be put right/)).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Take into the draft' })).toBeDisabled();
  await accessible(page, 'a file with faults');
  await dialog.getByLabel('The file').fill(text);
  await expect(dialog.getByText('It can be read: 2 links.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Take into the draft' }).click();
  await expect(dialog).toBeHidden();
});

test('the list of what to click in Steeple, followed to the letter, gives the access that was planned', async ({
  browser,
}) => {
  const page = await signed(await logIn(at, browser));
  await goBy(page, '#/setup/handover');
  await expect(page.getByText('7 of 8 done')).toBeVisible();
  await expect(page.getByText('Read the plan and switch sync on')).toBeVisible();
  await accessible(page, 'hand-over');
  await at.enable();
  await expect(page.getByText('Sync is on since')).toBeVisible();

  const rows = page.getByRole('table').last().getByRole('row');
  await expect(rows).toHaveCount(3);
  const steeple = await page.context().newPage();
  await steeple.goto(at.sandbox.admin);
  for (const row of (await rows.all()).slice(1)) {
    const group = (await row.getByRole('rowheader').textContent())!;
    const [, community, role, people] = await row.getByRole('cell').allTextContents();
    const line = steeple.getByRole('row', { name: new RegExp(`^${group}`) });
    await expect(line.getByRole('cell').first()).toHaveText(people!); // the count to be checked is the one Steeple shows
    await steeple.getByLabel(`Community for ${group}`).selectOption(community!);
    await steeple.getByLabel(`Role for ${group}`).selectOption(role!);
    await line.getByRole('button', { name: 'Link' }).click();
  }
  await steeple.getByRole('button', { name: 'Enable synchronization' }).click();
  const { community, role } = town.company.links[2]!;
  const { access } = await at.steeple.state();
  const { items } = await at.ask('mapping.communities', { of: 'published', filter: nameOf(community) });
  const planned = items[0]?.roles.find((one) => one.role === role)?.people;
  expect(planned).toBeGreaterThan(0);
  expect(access.filter((one) => one.community === community && one.role === role)).toHaveLength(planned!);
});

test('the assistant goes anywhere by keyboard, explains, and answers from the relay’s own state', async ({
  browser,
}) => {
  const page = await signed(await logIn(at, browser));
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog');
  const field = palette.getByRole('combobox');
  await expect(field).toBeFocused();
  await accessible(page, 'the palette');
  await field.fill('dead letter');
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'Assistant' });
  await expect(panel.getByText('A delivery Steeple refused for good')).toBeVisible();
  await accessible(page, 'the panel');
  await panel.getByRole('button', { name: 'Open Activity' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Activity' })).toBeVisible();

  const somebody = town.staff[4]!;
  await page.keyboard.press('Control+k');
  await field.fill(somebody.userName);
  await expect(palette.getByRole('option', { name: /Person/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/people\//);

  await page.keyboard.press('Control+k');
  await field.fill('why can’t I enable');
  await page.keyboard.press('Enter');
  await expect(panel.getByText('Sync is on already')).toBeVisible();
  const [outside] = await Promise.all([
    page.context().waitForEvent('page'),
    panel.getByRole('button', { name: 'Integrations in Steeple' }).click(),
  ]);
  expect(outside.url()).toBe(at.sandbox.admin);
});

test('Setup, Mapping and the assistant are French whole, and accessible in both themes', async ({ browser }) => {
  test.setTimeout(240_000);
  const english = /\b(the|and|people|group|link|Nothing|waits|which)\b/;
  const page = await signed(await logIn(at, browser, { colorScheme: 'light', locale: 'fr-FR' }));
  for (const name of ['sso', 'steeple', 'provider', 'screens', 'communities', 'mode', 'links', 'handover']) {
    await goBy(page, `#/setup/${name}`);
    await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
    await accessibleInBoth(page, name);
    // A provider's screens speak the provider's language, and so do the names of groups.
    if (name !== 'screens' && name !== 'communities' && name !== 'handover')
      await expect(page.locator('main')).not.toContainText(english);
  }
  await goBy(page, '#/mapping');
  await page.getByRole('option').first().click();
  await accessibleInBoth(page, 'mapping');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('pourquoi je ne peux pas activer');
  await page.keyboard.press('Enter');
  await expect(page.getByText('La synchronisation est déjà activée')).toBeVisible();
  await accessibleInBoth(page, 'assistant');
});
