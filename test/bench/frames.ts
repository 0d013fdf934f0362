/**
 * Frames while a list is scrolled, for the benchmark of the page: what the page's own thread does between two of them, from
 * a trace, and how long it takes until the next is presented; beside the same with nothing in the list.
 */
import type { Browser, Locator, Page } from '@playwright/test';

/** Scrolls it, and gives the longest time between two frames that were presented, in ms. */
const rolled = (list: Locator, pace: Pace): Promise<number> =>
  list.evaluate(async (element, whole) => {
    const frame = () => new Promise<number>((done) => requestAnimationFrame(done));
    element.scrollTop = 0;
    for (let rest = 0; rest < 10; rest++) await frame();
    const steps = 120;
    let worst = 0;
    performance.mark('bench-begin');
    let before = await frame();
    for (let step = 1; step <= steps; step++) {
      const { scrollHeight, clientHeight } = element;
      element.scrollTop = whole ? ((scrollHeight - clientHeight) * step) / steps : step * 90;
      const now = await frame();
      worst = Math.max(worst, now - before);
      before = now;
    }
    performance.mark('bench-end');
    return worst;
  }, pace === 'from end to end');
export const paces = ['from end to end', 'by hand'] as const;
export type Pace = (typeof paces)[number];

/** In ms: CPU of the page's thread in its longest frame; the longest frame presented; and that of an empty list as high. */
export type Scrolled = Readonly<{ own: number; presented: number; floor: number }>;

export async function scrolled(browser: Browser, page: Page, list: Locator, pace: Pace): Promise<Scrolled> {
  const empty = await emptyList(page, await list.evaluate((element) => element.scrollHeight));
  const floor = await rolled(empty.locator('#list'), pace);
  await empty.close();
  await page.bringToFront();
  await browser.startTracing(page, { categories: ['toplevel', 'cc', 'devtools.timeline', 'blink.user_timing'] });
  const presented = await rolled(list, pace);
  return { own: longestTurn(await browser.stopTracing()), presented, floor };
}

/** What this browser on this machine can do at best: as high, and nothing in it. */
async function emptyList(beside: Page, height: number): Promise<Page> {
  const page = await beside.context().newPage();
  await page.setContent(
    `<div id="list" style="height:600px;overflow:auto"><div style="height:${height}px;width:1px"></div></div>`,
  );
  return page;
}

type Event = Readonly<{ name: string; ph: string; pid: number; tid: number; ts: number; dur?: number; tdur?: number }>;
/** Between two frames of the page's thread: all it did meanwhile (scripts, style, layout, paint), in ms of its CPU. */
function longestTurn(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: Event[] };
  const begin = traceEvents.find(({ name }) => name === 'bench-begin');
  const end = traceEvents.find(({ name }) => name === 'bench-end');
  if (begin === undefined || end === undefined) throw new Error('The trace has no marks');
  const inIt = traceEvents.filter(
    ({ pid, tid, ts }) => pid === begin.pid && tid === begin.tid && ts >= begin.ts && ts <= end.ts,
  );
  const starts = inIt.filter(({ name }) => name === 'FireAnimationFrame').map(({ ts }) => ts);
  const turns = new Array<number>(starts.length + 1).fill(0);
  for (const { name, ts, tdur = 0 } of inIt) {
    if (!name.endsWith('RunTask')) continue;
    const at = starts.filter((start) => start <= ts).length;
    turns[at] = (turns[at] ?? 0) + tdur / 1000;
  }
  return Math.max(...turns);
}
