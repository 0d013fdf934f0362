/**
 * From an empty relay to a mapping drawn, by the pages alone: the wizard with the sandbox's own Integrations page beside
 * it, and links drawn by mouse and by keyboard.
 * Each test leaves the relay as the next one finds it, so they run in order.
 */
import { expect, type Page } from '@playwright/test';
import { type Entra, entra } from '../../daemon/sandbox/entra.ts';
import { type Company, company } from '../../daemon/sandbox/people.ts';
import { type Stand, stand } from './stand.ts';
import { accessible, goBy, goTo, logIn, signed, test } from './visit.ts';

test.describe.configure({ mode: 'serial' });
test.use({ actionTimeout: 10_000 });

let at: Stand;
let town: Company;
let pushing: Entra | undefined;
test.beforeAll(async () => {
  at = await stand();
  town = company({ users: 60, groups: 24, seed: 'aldine' });
  await at.steeple.communities(town.communities);
});
test.afterAll(async () => {
  pushing?.close();
  await at.stop();
});

const step = (page: Page, name: string) => page.getByRole('region', { name });
const forward = (page: Page) => page.getByRole('link', { name: /^Continue: / }).click();

test('the wizard begins at SSO, and tells the token’s refusals in words until Steeple is ready', async ({
  browser,
}) => {
  const page = await signed(await logIn(at, browser));
  await goTo(page, 'Setup');
  await expect(page.getByText('0 of 8 done')).toBeVisible();
  await expect(step(page, 'Single sign-on first')).toBeVisible();
  await accessible(page, 'SSO');
  await forward(page);

  // Beside it, the administrator's page in Steeple: SSO is taken away, and the provider installed.
  const steeple = await page.context().newPage();
  await steeple.goto(at.sandbox.admin);
  await steeple.getByRole('button', { name: 'Remove SSO' }).click();
  await steeple.getByRole('button', { name: 'Install Microsoft Entra ID' }).click();
  await steeple.getByRole('link', { name: 'Show' }).click();
  const [scimUrl, token] = await steeple.getByRole('definition').allTextContents();

  await page.getByLabel('SCIM URL').fill(`${scimUrl}/Users`);
  await page.getByLabel('Bearer Token').fill('not-the-token');
  await page.getByRole('button', { name: 'Save and test' }).click();
  const verdict = page.getByRole('status').filter({ has: page.getByRole('list', { name: 'What the test found' }) });
  await expect(verdict).toContainText(/Steeple refuses the token|it is not SCIM|SSO configured first/);
  await accessible(page, 'a refused token');

  await page.getByLabel('SCIM URL').fill(scimUrl!);
  await page.getByLabel('Bearer Token').fill(token!);
  await page.getByRole('button', { name: 'Save and test' }).click();
  await expect(verdict).toContainText('Steeple wants SSO configured first');
  await steeple.goto(at.sandbox.admin);
  await steeple.getByRole('button', { name: 'Configure SSO' }).click();
  await verdict.getByRole('button', { name: 'Test again' }).click();
  await expect(verdict).toContainText('Everything works');
  await expect(verdict.getByRole('listitem')).toHaveCount(6);
  await expect(page.getByText('The token is kept in:')).toBeVisible();
  await expect(page.getByText('2 of 8 done')).toBeVisible();

  // S1: the token is in no field, and in nothing the browser keeps.
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept + (await page.content())).not.toContain(token);
  expect((await at.steeple.state()).writes).toBe(0);
});

test('a provider is added, its screens are walked through, and what it sends is ticked as it comes', async ({
  browser,
}) => {
  const page = await signed(await logIn(at, browser));
  await goTo(page, 'Setup');
  // It goes on where it was: what was done in another browser is done here.
  await expect(step(page, 'Identity provider')).toBeVisible();
  await expect(page.getByRole('radio', { name: 'Google Workspace' })).toBeDisabled();
  await expect(page.getByText('Steeple has no SCIM provisioning for Google Workspace')).toBeVisible();
  await accessible(page, 'providers');
  await page.getByRole('radio', { name: 'Microsoft Entra ID' }).check();
  await page.getByRole('button', { name: 'Create address and token' }).click();

  const screens = step(page, 'The provider’s screens');
  await expect(screens.getByText('This token is shown once')).toBeVisible();
  await expect(screens.getByText('Switch([IsSoftDeleted], , "False", "True", "True", "False")')).toBeVisible();
  await accessible(page, 'Entra’s screens');
  const codes = await screens.locator('code').allTextContents();
  const [tenantUrl, secretToken] = codes;
  const heard = page.getByRole('complementary', { name: 'What has arrived' });
  await expect(heard.getByText('Nothing yet')).toBeVisible();

  pushing = entra({ tenantUrl: tenantUrl!, secretToken: secretToken!, directory: town, concurrency: 8 });
  await pushing.initialCycle();
  await expect(heard.getByText('60 people')).toBeVisible();
  await expect(heard.getByText('24 groups')).toBeVisible();
  await expect(page.getByText('4 of 8 done')).toBeVisible();

  await goTo(page, 'Overview'); // leaving drops the token
  await goTo(page, 'Setup');
  await goBy(page, '#/setup/screens');
  await expect(screens.getByText('Shown once, when it was made')).toBeVisible();
  expect(await page.content()).not.toContain(secretToken);
});

test('communities come from Steeple or by hand, and the mode is chosen', async ({ browser }) => {
  const page = await signed(await logIn(at, browser));
  await goBy(page, '#/setup/communities');
  await page.getByLabel('API address').fill(at.sandbox.apiUrl);
  await page.getByLabel('API token').fill(at.sandbox.apiToken);
  await page.getByRole('button', { name: 'Read the communities' }).click();
  const known = page.getByRole('heading', { name: /communities are known$/ });
  await expect(known).toBeVisible();
  const { length } = await at.ask('communities.list', {}); // the sandbox has some of its own
  expect(length).toBeGreaterThanOrEqual(town.communities.length);
  await expect(known).toHaveText(`${length} communities are known`);
  await page.locator('main').getByText('By hand', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Names' }).fill('Équipe R&D');
  await page.getByRole('button', { name: 'Take this list' }).click();
  await expect(known).toHaveText(`${length + 1} communities are known`);
  expect(await at.ask('communities.list', {})).toContainEqual(
    expect.objectContaining({ id: 'equipe-r-d', name: 'Équipe R&D', origin: 'hand' }),
  );
  await accessible(page, 'communities');
  await forward(page);
  await accessible(page, 'mode');
  await page.getByRole('button', { name: 'Use this' }).click();
  await expect(page.getByText('In use since version 1')).toBeVisible();
  await forward(page);
  await expect(page.getByText('No group is linked yet')).toBeVisible();
  await accessible(page, 'links');
});

const groupOf = (page: Page, name: string) =>
  page.getByRole('listbox', { name: 'Groups' }).getByRole('option', { name: new RegExp(`^${name}, `) });
const portOf = (page: Page, community: string, role: string) =>
  page.getByRole('listbox', { name: 'Communities and roles' }).getByRole('option', {
    name: new RegExp(`^${community}, ${role}, `),
  });
const pair = (role: string) => town.links.find((link) => link.role === role)!;
const nameOf = (id: string) => town.communities.find((community) => community.id === id)!.name;

test('a link drawn by mouse says who gains and who loses before it is let go', async ({ browser }) => {
  const page = await signed(await logIn(at, browser));
  await goTo(page, 'Mapping');
  const link = pair('contributor');
  const community = nameOf(link.community);
  await page.getByLabel('Find a group').fill(link.displayName);
  await page.getByLabel('Find a community').fill(community);
  const [from, onto] = [groupOf(page, link.displayName), portOf(page, community, 'contributor')];
  await expect(from).toHaveAccessibleName(/no link$/);
  const [a, b] = [(await from.boundingBox())!, (await onto.boundingBox())!];
  await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(b.x - 60, b.y + 40, { steps: 4 });
  await page.mouse.move(b.x + 50, b.y + b.height / 2, { steps: 4 });
  const strip = page.getByRole('region', { name: 'What is chosen' });
  await expect(strip.getByText(`Linking ${link.displayName} to ${community} as contributor`)).toBeVisible();
  await expect(strip.getByText(/gains? access/)).toBeVisible();
  await expect(strip.getByText('nobody loses anything')).toBeVisible();
  expect((await at.ask('mapping.draft', {})).exists).toBe(false); // nothing is drawn while it is held
  await page.keyboard.press('Escape');
  await page.mouse.up();
  expect((await at.ask('mapping.draft', {})).exists).toBe(false); // and nothing by Escape

  await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(b.x + 50, b.y + b.height / 2, { steps: 8 });
  await page.mouse.up();
  await expect(from).toHaveAccessibleName(/1 link$/);
  const bar = page.getByRole('region', { name: 'Draft' });
  await expect(bar).toContainText('1 link added');
  await expect(bar).toContainText('Nothing of it is in force');
  expect((await at.ask('mapping.show', {})).links).toEqual([]);
  await accessible(page, 'mapping with a draft');
});

test('a link by keyboard: arrows, L, the community, the role; Delete takes away, Ctrl Z brings back', async ({
  browser,
}) => {
  const page = await signed(await logIn(at, browser));
  await goTo(page, 'Mapping');
  const link = pair('administrator');
  await page.getByLabel('Find a group').fill(link.displayName);
  const list = page.getByRole('listbox', { name: 'Groups' });
  await list.focus();
  await page.keyboard.press('Home');
  await expect(groupOf(page, link.displayName)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('l');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('heading', { name: `Link to… ${link.displayName}` })).toBeVisible();
  await page.keyboard.type(nameOf(link.community));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await dialog.getByRole('radio', { name: 'contributor' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(dialog.getByText(/gains? access|higher role|Nobody’s access changes/)).toBeVisible();
  await accessible(page, 'the dialog of a link');
  await dialog.getByRole('button', { name: 'Link', exact: true }).press('Enter');
  await expect(dialog).toBeHidden();
  await expect(groupOf(page, link.displayName)).toHaveAccessibleName(/1 link$/);
  await list.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  await expect(groupOf(page, link.displayName)).toHaveAccessibleName(/no link$/);
  await page.keyboard.press('Control+z');
  await expect(groupOf(page, link.displayName)).toHaveAccessibleName(/1 link$/);
  await expect(page.getByRole('region', { name: 'Draft' })).toContainText('2 links added');
});
