/**
 * `npm run bench -- page`: how the built page feels in a real Chromium, over a relay that holds a large company and many
 * held items. What is asked stands beside what was measured. Needs a build (`npm run build`).
 *
 *   npm run bench -- page [--users 20000] [--groups 2000] [--communities 300] [--links 3000] [--held 1000] [--trace DIR]
 *                         [--part before|after]
 *
 * `usable` is from opening the address in a new tab to seeing what the page is for; nothing is in the browser's cache.
 * Interactions are as the browser reports them (Event Timing, the worst of those that have an id, as INP counts them).
 * A list is scrolled from end to end in 120 frames, so that every row is new in every one, and at the pace of a hand. Two
 * figures each: what the page's own thread did between two frames, in CPU, which is ours; and the longest time between
 * two frames that were presented, which is also the machine's (without a graphics card a browser paints in software), so
 * an empty list as high is scrolled beside it. Memory is the page's heap after a collection. The relay (the built one)
 * and the browser share this machine, as on an administrator's desk. `--part` measures one half of it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from '@playwright/test';
import { launch } from '../e2e/browser.ts';
import { type Crowd, crowd } from '../e2e/crowd.ts';
import { figure } from './figure.ts';
import { paces, type Scrolled, scrolled } from './frames.ts';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    users: { type: 'string', default: '20000' },
    groups: { type: 'string', default: '2000' },
    communities: { type: 'string', default: '300' },
    links: { type: 'string', default: '3000' },
    held: { type: 'string', default: '1000' },
    /** A CPU profile of each interaction and scroll, into this folder. */
    trace: { type: 'string', default: '' },
    /** Before sync is on, or after: half of it, for a machine that is quiet for a few minutes only. */
    part: { type: 'string', default: '' },
  },
});
const asked = { usableMs: 1_500, interactionMs: 200, frameMs: 50, effectMs: 300, heapMb: 300, firstKb: 600 };
const root = join(import.meta.dirname, '../../out/renderer');
if (!existsSync(join(root, 'index.html'))) throw new Error('The page is not built: npm run build');

const say = (what: string, measured: number, atMost: number) =>
  figure('page', what, Math.round(measured * 10) / 10, { atMost });
const note = (words: string) => process.stderr.write(`${words}\n`);
const pause = (page: Page, ms: number) => page.waitForTimeout(ms);

/** What a server that compresses would send; fonts are compressed already. */
const weigh = (files: readonly string[]): number =>
  files
    .map((file) => (file.endsWith('.woff2') ? readFileSync(file).length : gzipSync(readFileSync(file)).length))
    .reduce((sum, bytes) => sum + bytes, 0) / 1024;

/** From the document, by what each file names: all that must be there before the first page stands, fonts apart. */
function entry(): string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = readFileSync(path, 'utf8');
    const names = path.endsWith('.html')
      ? text.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)
      : path.endsWith('.js')
        ? text.matchAll(/(?:^|[;\s}])(?:import|export)(?:[^'"`;()]*?from)?\s*["']\.\/([^"']+\.js)["']/g)
        : [];
    for (const [, name = ''] of names) visit(path.endsWith('.html') ? join(root, name) : join(root, 'assets', name));
  };
  visit(join(root, 'index.html'));
  return [...seen];
}

type Watched = Window & { worst: Record<string, number> };
const watchInteractions = (context: BrowserContext) =>
  context.addInitScript(() => {
    const worst: Record<string, number> = {};
    Object.assign(window, { worst });
    new PerformanceObserver((list) => {
      for (const one of list.getEntries() as (PerformanceEventTiming & { interactionId: number })[])
        if (one.interactionId > 0) worst[one.name] = Math.max(worst[one.name] ?? 0, one.duration);
    }).observe({ type: 'event', durationThreshold: 16, buffered: true } as PerformanceObserverInit);
  });
const interactions = (page: Page): Promise<Record<string, number>> =>
  page.evaluate(() => {
    const { worst } = window as unknown as Watched;
    const read = { ...worst };
    for (const name of Object.keys(worst)) delete worst[name];
    return read;
  });

/** Of `--trace`: what the page's thread did meanwhile, to be opened in Chromium's own tools. */
async function profiled(page: Page, name: string, does: () => Promise<void>): Promise<void> {
  if (values.trace === '') return does();
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.start');
  await does();
  const { profile } = await session.send('Profiler.stop');
  await session.detach();
  mkdirSync(values.trace, { recursive: true });
  writeFileSync(join(values.trace, `${name.replace(/\W+/g, '-')}.cpuprofile`), JSON.stringify(profile));
}

async function act(page: Page, name: string, does: () => Promise<void>): Promise<void> {
  await interactions(page);
  await profiled(page, name, async () => {
    await does();
    await pause(page, 400);
  });
  say(`interaction: ${name}, in ms`, Math.max(0, ...Object.values(await interactions(page))), asked.interactionMs);
}

type List = Readonly<{ role: 'grid' | 'table' | 'listbox'; name: string }>;
async function scroll(browser: Browser, page: Page, where: string, { role, name }: List): Promise<void> {
  const list = page.getByRole(role, { name, exact: true });
  for (const pace of paces) {
    let seen: Scrolled = { own: 0, presented: 0, floor: 0 };
    await profiled(page, `scroll ${where} ${pace}`, async () => {
      seen = await scrolled(browser, page, list, pace);
    });
    const { own, presented, floor } = seen;
    say(`scrolling ${where} ${pace}: the page's own thread in its longest frame, in ms of CPU`, own, asked.frameMs);
    say(`scrolling ${where} ${pace}: longest frame presented, in ms`, presented, asked.frameMs);
    note(`${where} ${pace}: an empty list as high ${floor.toFixed(1)} ms; ratio ${(presented / floor).toFixed(2)}`);
  }
}

type Place = readonly [hash: string, sign: (tab: Page) => Locator];
/** From nothing: a browser that has been nowhere, logged in, straight to the page. */
async function usable(browser: Browser, at: Crowd, places: readonly Place[]): Promise<void> {
  for (const [hash, sign] of places) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    const entering = await context.newPage();
    await entering.goto(await at.address());
    await entering.getByRole('navigation', { name: 'Pages' }).waitFor();
    await entering.close();
    const tab = await context.newPage();
    const session = await context.newCDPSession(tab);
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const begun = performance.now();
    await tab.goto(`${at.console()}#/${hash}`, { waitUntil: 'commit' });
    await sign(tab).first().waitFor({ timeout: 20_000 });
    say(`usable: ${hash}, in ms`, performance.now() - begun, asked.usableMs);
    const { metrics } = await session.send('Performance.getMetrics');
    const own = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
    note(`${hash}: of it ${Math.round(own * 1_000)} ms of CPU on the page's own thread`);
    await context.close();
  }
}

async function open(browser: Browser, at: Crowd): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  await watchInteractions(context);
  await context.addInitScript(() => localStorage.setItem('steeple-companion.me', 'Ines Moreau'));
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(await at.address());
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  await pause(page, 3_000); // the other pages are fetched meanwhile
  return page;
}
const link = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: new RegExp(`^${name}`) });
async function heap(page: Page, when: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number };
  say(`memory ${when}, in MB`, usedSize / 1e6, asked.heapMb);
}

/** Sync is off, and everybody is still to be created: the largest plan, and the mapping. */
async function beforehand(browser: Browser, at: Crowd): Promise<void> {
  await usable(browser, at, [
    ['overview', (tab) => tab.getByText('Setting up')],
    ['setup', (tab) => tab.getByText(/of 8 done/)],
    ['mapping', (tab) => tab.getByRole('option')],
  ]);
  // The last plan stands at once, and takes input; a new one of everybody takes its place.
  await at.ask('plan.make', { limit: 1 });
  await usable(browser, at, [['preview', (tab) => tab.getByRole('row').nth(5)]]);

  const page = await open(browser, at);
  await act(page, 'to Mapping', () => link(page, 'Mapping').click());
  await page.getByRole('option').first().waitFor();
  await scroll(browser, page, 'groups of the mapping', { role: 'listbox', name: 'Groups' });
  await scroll(browser, page, 'communities of the mapping', { role: 'listbox', name: 'Communities and roles' });
  await act(page, 'search a group', () => page.getByLabel('Find a group').pressSequentially('night'));
  await act(page, 'clear the search', () => page.getByLabel('Find a group').fill(''));
  await page.getByRole('listbox', { name: 'Groups' }).evaluate((list) => list.scrollTo(0, 0));
  await act(page, 'arrows in the groups', async () => {
    await page.getByRole('listbox', { name: 'Groups' }).focus();
    for (let times = 0; times < 10; times++) await page.keyboard.press('ArrowDown');
  });
  await draws(page);
  await act(page, 'to the table of links', () => page.getByText('Table', { exact: true }).click());
  await page.getByRole('row').nth(3).waitFor();
  await scroll(browser, page, 'links of the mapping', { role: 'grid', name: 'Mapping' });

  await act(page, 'to Preview', () => link(page, 'Preview').click());
  await page.getByText(/This plan changes/).waitFor({ timeout: 60_000 });
  await pause(page, 6_000); // the rest of the plan comes in
  await act(page, 'a kind in Preview', () => page.locator('main fieldset button').nth(1).click());
  await act(page, 'all kinds again', () => page.locator('main fieldset button').first().click());
  await act(page, 'type a search in Preview', () =>
    page.getByRole('main').getByRole('textbox').first().pressSequentially('mar'),
  );
  await page.getByRole('main').getByRole('textbox').first().fill('');
  await pause(page, 500);
  await scroll(browser, page, 'people of the plan', { role: 'grid', name: 'People' });
  await act(page, 'open a line of the plan', () => page.getByRole('row').nth(4).click());
  await act(page, 'to its communities', () => page.getByRole('tab').nth(1).click());
  await act(page, 'to its operations', () => page.getByRole('tab').nth(2).click());
  await scroll(browser, page, 'operations of the plan', { role: 'grid', name: 'Operations' });
  await heap(page, 'with mapping and plan open');
  await page.context().close();
}

/** A line held over roles, twenty times: from the pointer's coming over one to its effect being on the screen. */
async function draws(page: Page): Promise<void> {
  const from = (await page.getByRole('listbox', { name: 'Groups' }).getByRole('option').nth(2).boundingBox())!;
  const ports = page.getByRole('listbox', { name: 'Communities and roles' }).getByRole('option');
  const strip = page.getByRole('region', { name: 'What is chosen' });
  const taken: number[] = [];
  await act(page, 'drawing a line', async () => {
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    for (let turn = 0; turn < 20; turn++) {
      const port = ports.nth(2 + (turn % 8));
      const [box, name] = [(await port.boundingBox())!, (await port.getAttribute('aria-label')) ?? ''];
      const [community = '', role = ''] = name.split(', ');
      await strip.evaluate((element, title) => {
        const seen = window as unknown as { effectAt: number };
        seen.effectAt = 0;
        const watch = new MutationObserver(() => {
          const text = element.textContent ?? '';
          if (!text.includes(title) || text.includes('Working it out')) return;
          seen.effectAt = performance.now();
          watch.disconnect();
        });
        watch.observe(element, { childList: true, subtree: true, characterData: true });
        addEventListener('pointermove', () => Object.assign(window, { movedAt: performance.now() }), { once: true });
      }, ` to ${community} as ${role}`);
      await page.mouse.move(box.x + 60, box.y + box.height / 2);
      await page.waitForFunction(() => (window as unknown as { effectAt: number }).effectAt > 0, undefined, {
        timeout: 5_000,
      });
      taken.push(
        await page.evaluate(() => {
          const { effectAt, movedAt } = window as unknown as { effectAt: number; movedAt: number };
          return effectAt - movedAt;
        }),
      );
    }
    await page.keyboard.press('Escape');
    await page.mouse.up();
  });
  say('a drawn link shows its effect, worst of 20, in ms', Math.max(...taken), asked.effectMs);
}

/** Sync is on, and leavers wait. */
async function afterwards(browser: Browser, at: Crowd): Promise<void> {
  const row = (tab: Page) => tab.getByRole('row').nth(5);
  await usable(browser, at, [
    ['overview', (tab) => tab.getByText('Do both sides agree?')],
    ['review', (tab) => tab.getByRole('complementary').getByRole('heading', { level: 2 })],
    ['people', row],
    ['groups', row],
    ['activity', row],
    ['activity/deliveries', row],
    ['settings', (tab) => tab.getByRole('heading', { level: 2 })],
  ]);
  const page = await open(browser, at);
  await act(page, 'to Review', () => link(page, 'Review').click());
  const waiting = page.getByRole('complementary').getByRole('heading', { level: 2 });
  await waiting.waitFor();
  await act(page, 'next item, ten times', async () => {
    for (let times = 0; times < 10; times++) await page.keyboard.press('j');
  });
  await act(page, 'begin to keep somebody', async () => {
    await page.keyboard.press('k');
    await page.keyboard.type('Back on Monday');
  });
  await act(page, 'keep them', () => page.keyboard.press('Enter'));
  await act(page, 'type a search in Review', () => page.getByPlaceholder(/Name, userName/).pressSequentially('mar'));
  await page.getByRole('button', { name: 'Clear' }).click();
  await pause(page, 500);
  await scroll(browser, page, 'what waits', { role: 'grid', name: 'Waiting' });

  await act(page, 'to People', () => link(page, 'People').click());
  await page.getByRole('row').nth(5).waitFor();
  await act(page, 'open somebody', () => page.getByRole('row').nth(4).click());
  await act(page, 'type a search in People', () => page.getByPlaceholder(/Name, userName/).pressSequentially('mar'));
  await page.getByRole('button', { name: 'Clear' }).click();
  await pause(page, 500);
  await scroll(browser, page, 'People', { role: 'grid', name: 'People' });
  await act(page, 'to Activity', () => link(page, 'Activity').click());
  await page.getByRole('row').nth(5).waitFor();
  await scroll(browser, page, 'the journal', { role: 'grid', name: 'Journal' });
  await act(page, 'open the palette and type', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('mar');
  });
  await page.keyboard.press('Escape');
  await act(page, 'to Settings', () => link(page, 'Settings').click());
  await act(page, 'to Overview', () => link(page, 'Overview').click());
  await heap(page, 'after every page');
  await page.context().close();
}

const first = entry();
const scripts = first.filter((file) => file.endsWith('.js'));
say('first load without fonts, in kB gzip', weigh(first), asked.firstKb);
const fonts = readdirSync(join(root, 'assets'))
  .filter((name) => /latin(-ext)?-.*woff2$/.test(name))
  .map((name) => join(root, 'assets', name));
say('first load with both Latin fonts, in kB', weigh([...first, ...fonts]), asked.firstKb);
note(`${scripts.length} scripts are needed at first`);

const size = { users: Number(values.users), groups: Number(values.groups) };
const more = { communities: Number(values.communities), links: Number(values.links) };
note(`Filling a relay: ${JSON.stringify({ ...size, ...more, held: Number(values.held) })}`);
const at = await crowd({ ...size, ...more });
const browser = await chromium.launch(launch);
try {
  if (values.part !== 'after') await beforehand(browser, at);
  if (values.part !== 'before') {
    await at.enable(Number(values.held));
    await afterwards(browser, at);
  }
} finally {
  await browser.close();
  await at.stop();
}
