/** Getting in, and an empty relay: a ticket, the content policy, and pages that say what to do next. */
import { expect } from '@playwright/test';
import { type Stand, stand } from './stand.ts';
import { accessible, goBy, logIn, test, watch } from './visit.ts';

test.describe.configure({ mode: 'serial' });

let at: Stand;

test.beforeAll(async () => {
  test.setTimeout(240_000);
  at = await stand();
});
test.afterAll(async () => {
  await at.stop();
});

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

const places = ['overview', 'setup', 'mapping', 'preview', 'review', 'people', 'groups', 'activity', 'settings'];

test('an empty relay says on every page what to do next', async ({ browser }) => {
  test.setTimeout(240_000);
  const page = await logIn(at, browser);
  for (const name of places) {
    await goBy(page, `#/${name}`);
    await accessible(page, `empty ${name}`);
  }
  await goBy(page, '#/overview');
  await expect(page.getByText('No source yet.')).toBeVisible();
});

test('G1 what is pushed meanwhile shows by itself, and nothing is written to Steeple', async ({ browser }) => {
  test.setTimeout(240_000);
  const page = await logIn(at, browser);
  await at.populate({ users: 30, groups: 24 });
  await expect(page.getByText(/30 people, 24 groups/)).toBeVisible(); // no reload: the stream of events brought it
  expect((await at.steeple.state()).writes).toBe(0);
});
