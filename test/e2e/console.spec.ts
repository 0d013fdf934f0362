/**
 * The console's story in a real Chromium, against a real relay and a real sandbox Steeple: log in, find it empty, read a
 * plan, enable it, decide on departures by keyboard, in English and French, light and dark. By role and name, as a person
 * finds things. Each test leaves the relay as the next one finds it, so they run in order.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, expect, type Page, test } from '@playwright/test';
import { type Stand, stand, type Town } from './stand.ts';

test.describe.configure({ mode: 'serial' });

const pages = ['Overview', 'Preview', 'Review', 'People', 'Activity'] as const;
let at: Stand;
let town: Town;
/** What the browser complained of: refused by the CSP, thrown, or logged as an error. Must stay empty. */
let complaints: string[];

test.beforeAll(async () => {
  at = await stand();
});
test.afterAll(async () => {
  await at.stop();
});
test.beforeEach(() => {
  complaints = [];
});
test.afterEach(() => {
  expect(complaints).toEqual([]);
});

function watch(page: Page): Page {
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    // The browser reports every refusal and every lost connection as an error of loading; both are in the story.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  return page;
}

async function logIn(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  const page = watch(await context.newPage());
  await page.goto(await at.address());
  await expect(page.getByRole('navigation')).toBeVisible();
  return page;
}

const goTo = async (page: Page, name: string): Promise<void> => {
  await page
    .getByRole('navigation')
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
};

/** WCAG 2.2 AA, as far as a machine can tell. */
async function accessible(page: Page, where: string): Promise<void> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const found = violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect(found).toEqual([]);
}

test('S2 a browser without a ticket is told how to get one, and shown nothing', async ({ page }) => {
  watch(page);
  await page.goto(at.console());
  await expect(page.getByText('This browser is not logged in')).toBeVisible();
  await expect(page.getByText('steeple-relay console')).toBeVisible();
  await expect(page.getByRole('navigation')).toHaveCount(0);
  await accessible(page, 'not logged in');
});

test('S2 a ticket logs in once, is wiped from the address bar, and is worth nothing afterwards', async ({
  browser,
}) => {
  const address = await at.address();
  const first = watch(await (await browser.newContext({ locale: 'en-GB' })).newPage());
  await first.goto(address);
  await expect(first.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  expect(first.url()).not.toContain('ticket');
  await first.reload();
  await expect(first.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  const second = watch(await (await browser.newContext({ locale: 'en-GB' })).newPage());
  await second.goto(address);
  await expect(second.getByText('This browser is not logged in')).toBeVisible();
  await second.evaluate(
    (to) => {
      location.href = to;
    },
    await at.address(),
  );
  await expect(second.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible(); // the same tab, a new ticket
});

test('the page runs under a policy that allows no inline style and no inline script', async ({ page }) => {
  const answer = await page.goto(at.console());
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
});

test('an empty relay says what to do next, with commands to copy', async ({ browser }) => {
  const page = await logIn(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await expect(page.getByText('0 of 5 done')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Tell the relay where Steeple is' })).toBeVisible();
  await page.getByRole('button', { name: /^Copy/ }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    `steeple-relay upstream set --url SCIM_URL --token-stdin --data ${at.data}`,
  );
  for (const name of pages) {
    await goTo(page, name);
    await accessible(page, `empty ${name}`);
  }
});

test('G1 what is pushed meanwhile shows by itself, and nothing is written to Steeple', async ({ browser }) => {
  const page = await logIn(browser);
  town = await at.populate({ users: 120, groups: 24 });
  await expect(page.getByText('4 of 5 done')).toBeVisible(); // no reload: the stream of events brought it
  expect((await at.steeple.state()).writes).toBe(0);
});

test('the plan reads as a sentence, and says of each person why', async ({ browser }) => {
  const page = await logIn(browser);
  await goTo(page, 'Preview');
  const { summary, total, strangers } = await at.ask('plan.make', { limit: 1 });
  await expect(page.getByText(`This plan changes ${total.people} people`)).toBeVisible();
  await expect(page.getByText(`creates ${summary.create} accounts`)).toBeVisible();
  const [somebody] = town.staff.slice(5);
  await page.getByLabel('Name, userName, community').fill(somebody!.userName);
  await page.getByRole('row', { name: somebody!.userName }).click();
  const detail = page.getByRole('complementary');
  await expect(detail.getByRole('heading', { level: 2, name: somebody!.displayName })).toBeVisible();
  await expect(detail.getByText(/gives (contributor|administrator)/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Clear' }).click();
  for (const tab of ['Communities', 'Operations', 'Unknown accounts', 'Limits tripped']) {
    await page.getByRole('tab', { name: tab }).click();
    await accessible(page, tab);
  }
  await page.getByRole('tab', { name: 'Unknown accounts' }).click();
  await expect(page.getByRole('row')).toHaveCount(strangers.length + 1);
  await expect(page.getByText('former.intern@aldine.example')).toBeVisible();
});

test('a long list moves by arrows, End and Home, and the focus goes with it', async ({ browser }) => {
  const page = await logIn(browser);
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
  const page = await logIn(browser);
  await goTo(page, 'Preview');
  await expect(page.getByText(/This plan changes/)).toBeVisible();
  await page.getByRole('button', { name: 'Enable sync' }).click();
  const dialog = page.getByRole('dialog', { name: 'Enable sync to Steeple' });
  await dialog.getByLabel('Your name').fill('Ines Moreau');
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

test('G3 departures wait in Review: one approved and one kept, by keyboard alone', async ({ browser }) => {
  for (const { id } of town.staff.slice(5, 9)) town.entra.disableUser(id);
  await town.entra.incrementalCycle();
  await at.settled();
  const before = await at.ask('review.list', {});
  expect(before.total).toBeGreaterThanOrEqual(4);
  const page = await logIn(browser);
  await page.evaluate(() => localStorage.setItem('steeple-companion.me', 'Ines Moreau'));
  await page.reload();
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
  const page = await logIn(browser);
  await page.evaluate(() => localStorage.setItem('steeple-companion.me', 'Ines Moreau'));
  await page.reload();
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

test('every page is accessible in both themes, and in French whole', async ({ browser }) => {
  const french = {
    Overview: 'Vue d’ensemble',
    Preview: 'Aperçu',
    Review: 'Revue',
    People: 'Collaborateurs',
    Activity: 'Activité',
  };
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await logIn(browser, { colorScheme, locale: 'fr-FR' });
    await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
    for (const name of pages) {
      await goTo(page, french[name]);
      if (name !== 'Overview') await page.getByRole('row').nth(1).click();
      await accessible(page, `${name} ${colorScheme}`);
      // Activity shows entries and deliveries as they are, people's own words among them.
      if (name !== 'Activity')
        await expect(page.locator('main')).not.toContainText(/\b(the|waits|people|Nothing|removed)\b/);
    }
    await page.context().close();
  }
});

test('a chosen language and theme stay over a reload', async ({ browser }) => {
  const page = await logIn(browser);
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
  const page = await logIn(browser);
  await goTo(page, 'People');
  const both = town.company.people.find(({ id }) => id === town.company.cast.both)!;
  await page.getByLabel('Name, userName or e-mail').fill(both.userName);
  await page.getByRole('row', { name: both.userName }).click();
  const detail = page.getByRole('complementary');
  await expect(detail.getByText('decides')).toBeVisible();
  await expect(detail.getByText('The same in Steeple').first()).toBeVisible();
});

test('J1 the journal’s chain is verified on request, and an entry shows what it holds', async ({ browser }) => {
  const page = await logIn(browser);
  await goTo(page, 'Activity');
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  const { entries } = await at.ask('journal.verify', {});
  await expect(page.getByText(`Unbroken: ${entries.toLocaleString('en-GB')} entries`)).toBeVisible();
  await page.getByRole('row', { name: /review\.approve/ }).click();
  await expect(page.getByRole('complementary').getByText('"what": "review.approve"')).toBeVisible();
});

test('the relay going away leaves what is shown and typed, says so, and all goes on when it is back', async ({
  browser,
}) => {
  const page = await logIn(browser);
  await page.evaluate(() => localStorage.setItem('steeple-companion.me', 'Ines Moreau'));
  await page.reload();
  await goTo(page, 'Review');
  const title = await page.getByRole('complementary').getByRole('heading', { level: 2 }).textContent();
  await page.keyboard.press('k');
  await page.keyboard.type('Half a sent');
  await at.stopRelay();
  await expect(page.getByText('The relay does not answer.', { exact: true })).toBeVisible();
  await page.keyboard.type('ence');
  await expect(page.getByLabel('Reason')).toHaveValue('Half a sentence');
  await expect(page.getByRole('complementary').getByRole('heading', { level: 2 })).toHaveText(title!);
  await expect(page.getByRole('button', { name: 'Keep as it is' })).toBeDisabled();

  await at.startRelayAgain();
  await expect(page.getByText('This browser is not logged in')).toBeVisible(); // a restart ends every session
  await page.evaluate(
    (to) => {
      location.href = to;
    },
    await at.address(),
  );
  await goTo(page, 'Review');
  await page.keyboard.press('k');
  await expect(page.getByLabel('Reason')).toHaveValue('Half a sentence');
  await page.getByLabel('Reason').press('Enter');
  await expect(page.getByText('is kept as they are.')).toBeVisible();
});
