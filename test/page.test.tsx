// @vitest-environment happy-dom
/**
 * The page over a fake bridge: what it asks, what it shows, what it does with a refusal. The real relay answers in
 * test/e2e; here are the moments that are hard to bring about there.
 */
import { act, cleanup, renderHook, screen, within } from '@testing-library/react';
import i18next from 'i18next';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PersonChange, PlanPage } from '../daemon/contract/plan.ts';
import type { Preflight, PreflightItem } from '../daemon/contract/preflight.ts';
import type { HeldItem } from '../daemon/contract/review.ts';
import type { Status } from '../daemon/contract/status.ts';
import { stepAfter } from '../daemon/core/delivery.ts';
import type { Failure } from '../src/preload/contract.ts';
import { routeOf } from '../src/renderer/address.ts';
import { askAhead, taken } from '../src/renderer/ahead.ts';
import { browserBridge } from '../src/renderer/bridge.ts';
import { formats } from '../src/renderer/format.ts';
import { en, parts } from '../src/renderer/i18n/en.ts';
import { fr } from '../src/renderer/i18n/fr.ts';
import { speak } from '../src/renderer/i18n/language.ts';
import { french } from '../src/renderer/i18n/relay.fr.ts';
import { usePaged, withPage } from '../src/renderer/paged.ts';
import { paceOf } from '../src/renderer/pages/overview/pace.ts';
import { everybody, questionOf, usePlan } from '../src/renderer/plan.ts';
import { useReview } from '../src/renderer/review.ts';
import { to } from '../src/renderer/route.ts';
import { forget, useRelay } from '../src/renderer/store.ts';
import { type Answers, relay as fakeRelay, now, refused, status } from './pagebridge.ts';
import { draw, drawsThePage, leave } from './pagedrawn.tsx';

const held = (id: number, over: Partial<HeldItem> = {}): HeldItem => ({
  id,
  kind: 'remove',
  state: 'held',
  userName: `person${id}@acme.example`,
  name: `Person ${id}`,
  personId: `p${id}`,
  source: 'entra',
  returns: '',
  until: null,
  standing: null,
  leavesAt: null,
  earlier: 0,
  community: null,
  from: null,
  to: null,
  access: [{ community: 'finance', role: 'administrator' }],
  rule: 'removal',
  why: 'Every removal from Steeple waits for a person',
  lost: 'Posts',
  since: now - id,
  journal: 4,
  decidedBy: null,
  decidedAt: null,
  reason: null,
  ...over,
});

const change = (id: string, over: Partial<PersonChange> = {}): PersonChange => ({
  userName: `${id}@acme.example`,
  name: id,
  personId: id,
  change: 'create',
  access: [{ community: 'finance', from: null, to: 'contributor', because: [], held: false, rule: null, reason: '' }],
  held: false,
  rule: null,
  reason: '',
  ...over,
});
const nothing = {
  create: 0,
  adopt: 0,
  update: 0,
  remove: 0,
  reactivate: 0,
  grants: 0,
  revokes: 0,
  roleChanges: 0,
  held: 0,
};
const plan = (id: string, people: PersonChange[], over: Partial<PlanPage> = {}): PlanPage => ({
  id,
  basedOn: { journal: 9, mapping: 1, observedAt: now },
  summary: { ...nothing, create: people.length, grants: people.length },
  limits: [],
  strangers: [],
  people,
  operations: [],
  warnings: [],
  total: { people: people.length, operations: 0 },
  ...over,
});

const relay = (answers: Answers) => fakeRelay({ 'plan.make': () => plan('plan-1', []), ...answers });

drawsThePage();
const open = (hash: string, fake: ReturnType<typeof relay>) => draw(hash, fake, 3);

beforeAll(() => {
  // happy-dom lays nothing out; a list shows only the rows that fit into its height.
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { get: () => 600 });
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { get: () => 800 });
  Object.defineProperty(HTMLElement.prototype, 'offsetHeight', { get: () => 40 });
});
beforeEach(() => {
  useReview.setState({ deciding: new Set(), waiting: new Map(), returned: [], last: undefined, failure: undefined });
});

describe('overview', () => {
  test('a relay with nothing yet shows the way, one step at a time, with its own data folder in the command', async () => {
    const empty = status({
      sources: [],
      sync: { state: 'off', since: null, by: null, plan: null },
      upstream: { url: null, token: false, apiUrl: null, apiToken: false, kept: 'keychain' },
      mapping: { version: 0, links: 0, broken: 0 },
      data: "/srv/my relay's",
    });
    await open('', relay({ status: () => empty }));
    expect(screen.getByText('0 of 5 done')).toBeTruthy();
    expect(
      screen.getByText("steeple-relay upstream set --url SCIM_URL --token-stdin --data '/srv/my relay'\\''s'"),
    ).toBeTruthy();
    expect(screen.queryByText(/source add/)).toBeNull(); // one step at a time
  });

  test('an open circuit is the first thing said, with its remedy', async () => {
    const circuit = { state: 'open', reason: 'Steeple refused the token (401): no', remedy: 'Copy it again.' } as const;
    await open('', relay({ status: () => status({ circuit }) }));
    expect(screen.getByText(en['verdict.circuit'])).toBeTruthy();
    expect(screen.getByText('Copy it again.')).toBeTruthy();
  });

  test('making a plan is not a reason to make another: the relay says "changed" after each', async () => {
    const fake = relay({ 'plan.make': () => plan('plan-1', [change('ada')]) });
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      await open('', fake);
      const made = () => fake.asked.filter(([name]) => name === 'plan.make').length;
      await act(() => vi.advanceTimersByTimeAsync(2_100)); // the first waits until the browser has nothing else to do
      expect(made()).toBe(1);
      for (let turn = 0; turn < 3; turn += 1) {
        fake.hear('changed');
        await act(() => vi.advanceTimersByTimeAsync(600));
      }
      expect(made()).toBe(1);
      fake.all.status = () => status({ journal: { entries: 10, pushes: 9, refusals: 0, lastAt: now } });
      fake.hear('changed');
      await act(() => vi.advanceTimersByTimeAsync(600));
      expect(made()).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('review', () => {
  const two = () => ({ items: [held(1), held(2)], total: 2 });
  const list = (items: () => unknown): Answers => ({
    status: () => status({ held: { count: 2, oldestAt: now } }),
    'review.list': items,
  });

  test('G8 a decision carries the item, the name and the reason; the next item comes up', async () => {
    const fake = relay({ ...list(two), 'review.approve': () => ({ items: [held(2, { state: 'approved' })] }) });
    const user = await open('#/review', fake);
    expect(screen.getByRole('heading', { level: 2, name: /Person 2 would be removed/ })).toBeTruthy(); // the oldest first
    await user.keyboard('a');
    await user.keyboard('Left the company');
    await user.keyboard('{Enter}');
    expect(fake.asked).toContainEqual(['review.approve', { ids: [2], by: 'Ines', reason: 'Left the company' }]);
    expect(screen.getByText('Removal from Steeple approved for Person 2.')).toBeTruthy();
    expect(screen.getByRole('heading', { level: 2, name: /Person 1 would be removed/ })).toBeTruthy();
  });

  test('G3 a key alone decides nothing: without a reason, or without a name, nothing is asked', async () => {
    const fake = relay(list(two));
    useRelay.setState({ me: '' });
    const user = await open('#/review', fake);
    await user.keyboard('k');
    await user.keyboard('{Enter}');
    await user.type(screen.getByLabelText(/^Reason/), 'Still here{Enter}');
    expect(fake.asked.map(([name]) => name).filter((name) => /approve|keep/.test(name))).toEqual([]);
    await user.type(screen.getByLabelText(/^Your name/), 'Ada');
    expect(screen.getByLabelText(/^Your name/)).toBeTruthy(); // the field stays while it is being filled in
  });

  test('a key pressed twice while the answer is on its way is one decision', async () => {
    let answer = (_: unknown) => {};
    const fake = relay({ ...list(two), 'review.approve': () => new Promise((done) => (answer = done)) });
    const user = await open('#/review', fake);
    await user.keyboard('a');
    await user.keyboard('Left{Enter}{Enter}{Enter}');
    expect(fake.asked.filter(([name]) => name === 'review.approve')).toHaveLength(1);
    await act(async () => answer({ items: [held(2, { state: 'approved' })] }));
    expect(screen.getByRole('heading', { level: 2, name: /Person 1/ })).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  test('an answer that comes late does not take a person away from the item they have gone on to', async () => {
    let answer = (_: unknown) => {};
    const items = [held(1), held(2), held(3)];
    const fake = relay({
      ...list(() => ({ items, total: 3 })),
      'review.approve': () => new Promise((done) => (answer = done)),
    });
    const user = await open('#/review', fake);
    await user.keyboard('a');
    await user.keyboard('Left{Enter}');
    const rows = screen.getAllByRole('row');
    await user.click(rows[rows.length - 1] as HTMLElement);
    await user.keyboard('k');
    await user.keyboard('Half a ');
    await act(async () => answer({ items: [held(3, { state: 'approved' })] }));
    await user.keyboard('sentence');
    expect(screen.getByRole('heading', { level: 2, name: /Person 1/ })).toBeTruthy();
    expect((screen.getByLabelText(/^Reason/) as HTMLTextAreaElement).value).toBe('Half a sentence');
  });

  test('G3 what is typed about one person never becomes a decision on whoever comes up in their place', async () => {
    let items = [held(1), held(2)];
    const fake = relay({
      ...list(() => ({ items, total: items.length })),
      'review.show': ({ id }) => ({ ...held(id, { state: 'kept', decidedBy: 'Ada' }), cause: null, decisions: [] }),
      'review.approve': () => ({ items: [held(1, { state: 'approved' })] }),
    });
    const user = await open('#/review', fake);
    await user.keyboard('a');
    await user.keyboard('Left in ');
    items = [held(1)]; // somebody else decides on it, in another window
    fake.hear('changed');
    await screen.findByText(en['decided.kept']);
    expect(screen.getByRole('heading', { level: 2, name: /Person 2/ })).toBeTruthy();
    await user.keyboard('may{Enter}');
    expect(fake.asked.some(([name]) => name === 'review.approve')).toBe(false);
  });

  test('undoing shows that it is under way, and is asked for once', async () => {
    let answer = (_: unknown) => {};
    const fake = relay({
      ...list(two),
      'review.keep': () => ({ items: [held(2, { state: 'kept' })] }),
      'review.undo': () => new Promise((done) => (answer = done)),
    });
    const user = await open('#/review', fake);
    await user.keyboard('k');
    await user.keyboard('Stays{Enter}');
    await user.keyboard('uu');
    await user.click(screen.getByRole('button', { name: /^Undo/ }));
    expect(fake.asked.filter(([name]) => name === 'review.undo')).toHaveLength(1);
    expect(screen.getByRole('button', { name: /^Undo/ }).hasAttribute('data-loading')).toBe(true);
    await act(async () => answer(held(2)));
  });

  test('a single call that finds nobody is not taken for the last word: the relay is asked until it answers', async () => {
    const fake = relay({ ...list(two), 'review.undo': () => refused('offline') });
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      await open('#/review', fake);
      await act(async () => void (await useReview.getState().undo(held(2, { state: 'kept' }))));
      expect(useRelay.getState().presence).toBe('away');
      await act(() => vi.advanceTimersByTimeAsync(3_100)); // nothing is heard of the relay meanwhile
      expect(useRelay.getState().presence).toBe('here');
    } finally {
      vi.useRealTimers();
    }
  });

  test('a refusal leaves the item, says why, and keeps what was typed', async () => {
    const words = 'Ines has decided on item 2 already, and the policy asks for two different people';
    const fake = relay({ ...list(two), 'review.approve': () => refused('stale', words) });
    const user = await open('#/review', fake);
    await user.keyboard('a');
    await user.keyboard('Gone{Enter}');
    expect(screen.getByRole('alert').textContent).toContain(words);
    expect(screen.getByRole('heading', { level: 2, name: /Person 2/ })).toBeTruthy();
    expect((screen.getByLabelText(/^Reason/) as HTMLTextAreaElement).value).toBe('Gone');
  });

  test('with the relay away the words survive, decisions wait, and are sent when it is back', async () => {
    const fake = relay({
      ...list(two),
      'review.show': ({ id }) => ({ ...held(id), cause: null, decisions: [] }),
    });
    const user = await open('#/review', fake);
    await user.keyboard('k');
    await user.keyboard('Half a sentence');
    await fake.goes(true);
    await screen.findByText('The relay does not answer.');
    expect(screen.getByText(en['decide.waits'])).toBeTruthy();
    await act(async () => {
      location.hash = '#/people';
      window.dispatchEvent(new HashChangeEvent('hashchange'));
    });
    await act(async () => {
      location.hash = '#/review/2';
      window.dispatchEvent(new HashChangeEvent('hashchange'));
    });
    await user.keyboard('k');
    expect((screen.getByLabelText(/^Reason/) as HTMLTextAreaElement).value).toBe('Half a sentence');
    await user.keyboard('{Enter}');
    expect(fake.asked.some(([name]) => name === 'review.keep')).toBe(false);
    expect(screen.getByText('One decision waits for the relay')).toBeTruthy();
    expect(localStorage.getItem('steeple-companion.waiting')).toContain('Half a sentence'); // closing the tab loses nothing

    fake.all['review.keep'] = () => ({ items: [held(2, { state: 'kept' })] });
    await fake.goes(false);
    expect(fake.asked.filter(([name]) => name === 'review.keep')).toEqual([
      ['review.keep', { ids: [2], by: 'Ines', reason: 'Half a sentence' }],
    ]);
    expect(localStorage.getItem('steeple-companion.waiting')).toBeNull();
  });

  test('G9 a decision that waited is not sent where the item is about another change by then: it comes back', async () => {
    const fake = relay({
      ...list(two),
      'review.show': () => ({ ...held(2, { since: now }), cause: null, decisions: [] }),
    });
    await open('#/review', fake);
    await fake.goes(true);
    await screen.findByText('The relay does not answer.');
    await act(async () => void (await useReview.getState().decide(held(2), { choice: 'approve', reason: 'Left' })));
    await fake.goes(false);
    await screen.findByText('One decision was not taken');
    expect(screen.getByText(/Left/)).toBeTruthy();
    expect(fake.asked.some(([name]) => name === 'review.approve')).toBe(false);
  });

  test('j goes on and comes round; letters typed into a field are letters', async () => {
    const user = await open('#/review', relay(list(two)));
    await user.keyboard('j');
    expect(screen.getByRole('heading', { level: 2, name: /Person 1/ })).toBeTruthy();
    await user.keyboard('j');
    expect(screen.getByRole('heading', { level: 2, name: /Person 2/ })).toBeTruthy();
    await user.type(screen.getByLabelText(en['review.search']), 'jak');
    expect(screen.queryByText(/^Remove Person/)).toBeNull();
  });

  test('what a removal loses for good is said with the person, and what comes back by a click is not called lost', async () => {
    const items = [
      held(2),
      held(1, {
        kind: 'revoke',
        community: 'finance',
        from: 'contributor',
        lost: '',
        rule: 'limit',
        why: '9 such changes in 24 hours, and the limit is 5',
      }),
    ];
    const user = await open('#/review', relay(list(() => ({ items, total: 2 }))));
    expect(screen.getByText(en['lost.remove'])).toBeTruthy();
    await user.keyboard('j');
    expect(screen.getByRole('heading', { level: 2, name: 'Person 1 would lose Finance' })).toBeTruthy();
    expect(screen.getByText(en['lost.nothing'])).toBeTruthy();
    expect(screen.getByText(/9 such changes in 24 hours/)).toBeTruthy();
  });
});

describe('preview', () => {
  const off = () => status({ sync: { state: 'off', since: null, by: null, plan: null } });

  test('a question that is closed while its answer is on its way is not asked twice, and a refusal brings it back', async () => {
    let answer = (_: unknown) => {};
    const fake = relay({ 'sync.disable': () => new Promise((done) => (answer = done)) });
    const user = await open('#/preview', fake);
    const opens = () => screen.getByRole('button', { name: en.disable });
    await user.click(opens());
    await user.type(await screen.findByLabelText(/^Reason/), 'Merger');
    await user.click(screen.getByRole('button', { name: en['disable.do'] }));
    await user.keyboard('{Escape}');
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await user.click(opens());
    expect(fake.asked.filter(([name]) => name === 'sync.disable')).toHaveLength(1);
    expect(screen.queryByRole('dialog')).toBeNull();
    await act(async () => answer(refused('conflict', 'Sync is being enabled')));
    expect((await screen.findByRole('alert')).textContent).toContain('Sync is being enabled');
    expect((screen.getByLabelText(/^Reason/) as HTMLInputElement).value).toBe('Merger');
  });

  /** A relay that has so many people in its plan, and gives them a page at a time. */
  const large = (count: number, answers: Answers = {}) => {
    const people = Array.from({ length: count }, (_, at) => change(`p${String(at).padStart(5, '0')}`));
    const summary = { ...nothing, create: count };
    const total = { people: count, operations: 0 };
    return relay({
      status: off,
      'plan.make': () => plan('plan-1', people.slice(0, 1), { total, summary }),
      'plan.people': ({ offset, limit, text = '' }: { offset: number; limit: number; text?: string }) => {
        const found = people.filter(({ name }) => name.includes(text));
        return { items: found.slice(offset, offset + limit), total: found.length };
      },
      ...answers,
    });
  };
  const pagesAsked = (fake: ReturnType<typeof relay>) =>
    fake.asked
      .filter(([name]) => name === 'plan.people')
      .map(([, question]) => (question as { offset: number }).offset);

  test('P6 of a plan of any length only what is in sight is fetched, and the end is reached by one key', async () => {
    const fake = large(100_000);
    const user = await open('#/preview', fake);
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('100001');
    const inSight = screen.getAllByRole('row').length - 1;
    expect(inSight).toBeGreaterThan(10);
    expect(inSight).toBeLessThan(80);
    expect(pagesAsked(fake)).toEqual([0]);
    await act(async () => screen.getAllByRole('row')[1]?.focus());
    await user.keyboard('{End}');
    await vi.waitFor(() => expect(screen.getByRole('heading', { level: 2, name: 'p99999' })).toBeTruthy());
    expect(pagesAsked(fake)).toEqual([0, 99_800]);
  });

  test('who flies over a long list has the pages fetched where they begin and where they stop', async () => {
    const fake = large(100_000);
    await open('#/preview', fake);
    vi.useFakeTimers();
    try {
      const { result } = renderHook(() => usePaged('plan.people', { id: 'flown' }));
      await act(() => vi.advanceTimersByTimeAsync(1));
      const before = pagesAsked(fake).length;
      for (let first = 1_000; first <= 90_000; first += 1_000) act(() => result.current.onRange(first, first + 20));
      await act(() => vi.advanceTimersByTimeAsync(100));
      expect(pagesAsked(fake).slice(before)).toEqual([800, 1_000, 89_800, 90_000]);
      expect(result.current.rows?.[90_010]).toBeDefined();
      // At the pace of a hand, the next one before it is reached.
      for (let first = 90_000; first <= 90_150; first += 2) act(() => result.current.onRange(first, first + 20));
      expect(pagesAsked(fake).slice(before + 4)).toEqual([90_200]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('the last plan is shown until the new one is there, and cannot be enabled meanwhile', async () => {
    let made = (_: PlanPage | Failure) => {};
    const making = new Promise<PlanPage | Failure>((done) => {
      made = done;
    });
    let read = () => {};
    const reading = new Promise<void>((done) => {
      read = done;
    });
    const row = (id: string, at: number, of: string) => ({ id, at, of, mapping: 1, summary: nothing, name: '' });
    const fake = relay({
      status: () => status({ sync: { state: 'off', since: null, by: null, plan: null } }),
      'plan.list': () => ({
        items: [row('plan-4', 4, 'draft'), row('plan-2', 2, 'published'), row('plan-3', 3, 'published')],
        total: 3,
      }),
      'plan.show': ({ id }: { id: string }) => plan(id, [change('ada')]),
      'plan.people': () => reading.then(() => ({ items: [change('ada')], total: 1 })),
      'plan.make': () => making,
    });
    await open('#/preview', fake);
    expect(screen.getByText('plan-3')).toBeTruthy();
    // From the first moment: a click that falls where the button is taken away again is lost.
    expect(screen.getByRole('button', { name: en.enable }).hasAttribute('disabled')).toBe(true);
    await act(async () => read());
    expect(screen.getByText(en['preview.renewing'])).toBeTruthy();
    // Its people are asked for once, and before the new plan keeps the relay's reader busy.
    const lists = fake.asked.map(([name]) => name).filter((name) => name === 'plan.people' || name === 'plan.make');
    expect(lists).toEqual(['plan.people', 'plan.make']);
    expect(screen.getByRole('button', { name: en.enable }).hasAttribute('disabled')).toBe(true);
    await act(async () => made(plan('plan-5', [change('ada'), change('ben')])));
    await screen.findByText('plan-5');
    expect(screen.queryByText(en['preview.renewing'])).toBeNull();
    expect(screen.getByRole('button', { name: en.enable }).hasAttribute('disabled')).toBe(false);
  });

  test('the draft’s plan, asked for while another is being made, is made after it', async () => {
    let made = (_: PlanPage) => {};
    const making = new Promise<PlanPage>((done) => {
      made = done;
    });
    const draft = plan('plan-draft', [change('ada')], {
      basedOn: { journal: 9, mapping: 1, observedAt: now, of: 'draft' },
    });
    const fake = relay({
      'mapping.draft': () => ({ exists: true }),
      'plan.make': ({ of }: { of: string }) => (of === 'draft' ? draft : making),
      'plan.people': () => ({ items: [change('ada')], total: 1 }),
    });
    const user = await open('#/preview', fake);
    await user.click(screen.getByText(en['preview.ofDraft'], { exact: true }));
    const asked = () => fake.asked.filter(([name]) => name === 'plan.make').map(([, question]) => question);
    expect(asked()).toEqual([{ of: 'published', limit: 1 }]);
    await act(async () => made(plan('plan-1', [change('ada')])));
    await screen.findByText('plan-draft');
    expect(asked()).toEqual([
      { of: 'published', limit: 1 },
      { of: 'draft', limit: 1 },
    ]);
  });

  test('where no new plan can be made, the last one does not stand in the place of what is in the way', async () => {
    const row = { id: 'plan-2', at: 2, of: 'published', mapping: 1, summary: nothing, name: '' };
    const fake = relay({
      'plan.list': () => ({ items: [row], total: 1 }),
      'plan.show': () => plan('plan-2', [change('ada')]),
      'plan.make': () => refused('unavailable', 'Steeple refused the token'),
    });
    await open('#/preview', fake);
    await screen.findByText('Steeple refused the token');
    expect(screen.queryByText('plan-2')).toBeNull();
  });

  test('a search is the relay’s to answer, and what it does not fit says how to see everybody again', async () => {
    const fake = large(1_000);
    const user = await open('#/preview', fake);
    await user.type(screen.getByLabelText(en['preview.search']), '00777');
    await vi.waitFor(() => expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('2'));
    expect(screen.getByText('One of 1,000.')).toBeTruthy();
    await user.type(screen.getByLabelText(en['preview.search']), 'x');
    await user.click(await screen.findByRole('button', { name: 'Show all 1,000 people' }));
    await vi.waitFor(() => expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('1001'));
  });

  const item = (over: Partial<PreflightItem>): PreflightItem => ({
    code: 'sso',
    source: null,
    state: 'attention',
    blocks: over.state === 'blocked',
    words: '',
    todo: '',
    facts: {},
    confirmed: null,
    ...over,
  });
  const preflight = (...items: PreflightItem[]): Preflight => ({
    ready: items.every(({ state }) => state === 'green'),
    possible: !items.some(({ blocks }) => blocks),
    first: true,
    plan: 'plan-1',
    items,
    counts: [],
    steeple: { users: 3, groups: 0, at: now },
  });

  test('G3 what is amber must be accepted by name, and removals leave only by a choice that shows whom it is about', async () => {
    const ada = change('ada', { change: 'remove', held: true });
    const fake = relay({
      status: off,
      'plan.make': () => plan('plan-1', [ada], { summary: { ...nothing, remove: 1, held: 1 } }),
      'plan.people': () => ({ items: [ada], total: 1 }),
      'preflight.show': () =>
        preflight(
          item({ code: 'upstream', state: 'green' }),
          item({}),
          item({ code: 'removals', facts: { count: 1 } }),
        ),
      'sync.enable': () => status(),
    });
    const user = await open('#/preview', fake);
    await user.click(screen.getByRole('button', { name: en.enable }));
    const dialog = within(await screen.findByRole('dialog'));
    const enable = () => dialog.getByRole<HTMLButtonElement>('button', { name: /^Enable with plan-1/ });
    await user.click(await dialog.findByLabelText('Accept: Single sign-on'));
    expect(enable().disabled).toBe(true);
    await user.click(dialog.getByLabelText('Accept: What is taken away'));
    expect(enable().disabled).toBe(false);
    expect(await dialog.findByText('ada.')).toBeTruthy();
    expect(dialog.getByText(/One of them is removed from Steeple\..*No click brings them back/)).toBeTruthy();
    await user.click(dialog.getByLabelText(en['enable.alsoRemove_one']));
    expect(enable().textContent).toBe('Enable with plan-1, and take from one person');
    await user.click(enable());
    expect(fake.asked).toContainEqual([
      'sync.enable',
      { plan: 'plan-1', by: 'Ines', accept: ['sso', 'removals'], removals: true },
    ]);
  });

  test('what blocks cannot be accepted: it says what to do, leads there, and keeps sync from being switched on', async () => {
    const fake = relay({
      status: off,
      'plan.make': () => plan('plan-1', [change('ada')]),
      'plan.people': () => ({ items: [change('ada')], total: 1 }),
      'preflight.show': () =>
        preflight(item({ code: 'upstream', state: 'blocked', facts: { verdict: 'token-refused' } })),
    });
    const user = await open('#/preview', fake);
    await user.click(screen.getByRole('button', { name: en.enable }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(await dialog.findByText(/Steeple refuses the token/)).toBeTruthy();
    expect(dialog.queryByRole('checkbox')).toBeNull();
    expect(dialog.getByRole('link', { name: 'Open Setup' }).getAttribute('href')).toBe('#/setup/steeple');
    expect(dialog.getByRole<HTMLButtonElement>('button', { name: /^Enable with/ }).disabled).toBe(true);
  });

  test('a plan is old once what it was made from is otherwise, and not because Steeple was looked at or somebody confirmed something', async () => {
    const { observed, mapping } = status();
    const known = (over: Partial<Status>): Status => ({ ...off(), grounds: { entry: 8, observed: 5 }, ...over });
    const made = plan('plan-1', [change('ada')]);
    // A decision was taken before the plan was made: its entry is the last, and no reason to make another plan.
    const fake = relay({
      status: () => known({}),
      'plan.make': () => ({ ...made, basedOn: { ...made.basedOn, observed: 5 } }),
    });
    await open('#/preview', fake);
    const isOld = async (over: Partial<Status>) => {
      await act(async () => useRelay.getState().setStatus(known(over)));
      return screen.queryByText(en['preview.older'], { exact: false }) !== null;
    };
    expect(await isOld({})).toBe(false);
    expect(await isOld({ observed: { ...observed, at: now + 60_000 } })).toBe(false);
    expect(await isOld({ journal: { entries: 12, pushes: 8, refusals: 1, lastAt: now } })).toBe(false);
    expect(await isOld({ grounds: { entry: 9, observed: 5 } })).toBe(false);
    expect(await isOld({ grounds: { entry: 8, observed: 4 } })).toBe(false); // the status is still the one of before the plan
    expect(await isOld({ grounds: { entry: 10, observed: 5 } })).toBe(true);
    expect(await isOld({ grounds: { entry: 8, observed: 6 } })).toBe(true);
    expect(await isOld({ mapping: { ...mapping, version: 2 } })).toBe(true);
    expect(await isOld({})).toBe(false);
  });

  test('a plan of the draft is old once the draft was edited, and not because another version is in force', async () => {
    let edition = 4;
    const known = { ...off(), grounds: { entry: 8, observed: 5 }, mapping: { ...status().mapping, version: 2 } };
    const draft = plan('plan-draft', [change('ada')]);
    const fake = relay({
      status: () => known,
      'mapping.draft': () => ({ exists: true, edition }),
      'plan.make': () => ({ ...draft, basedOn: { ...draft.basedOn, observed: 5, of: 'draft', edition: 4 } }),
    });
    await open('#/preview', fake);
    const old = () => screen.queryByText(en['preview.older'], { exact: false });
    expect(screen.getByText('plan-draft')).toBeTruthy();
    expect(old()).toBeNull();
    edition = 5;
    await act(async () => useRelay.setState(({ beat }) => ({ beat: beat + 1 })));
    await vi.waitFor(() => expect(old()).not.toBeNull(), { timeout: 20_000 });
  });

  test('a plan off the shelf is old by the same measure, and one of an older version by when Steeple was read', async () => {
    const { observed } = status();
    const known = (over: Partial<Status>): Status => ({ ...off(), grounds: { entry: 8, observed: 5 }, ...over });
    const row = { id: 'plan-2', at: 2, of: 'published', mapping: 1, summary: nothing, name: 'kept' };
    const shelved = plan('plan-2', [change('ada')]);
    const fake = relay({
      status: () => known({ journal: { entries: 30, pushes: 20, refusals: 0, lastAt: now } }),
      'plan.list': () => ({ items: [row], total: 1 }),
      'plan.show': () => ({ ...shelved, basedOn: { ...shelved.basedOn, observed: 5 } }),
    });
    await open('#/preview', fake);
    const isOld = async (over: Partial<Status>) => {
      await act(async () => useRelay.getState().setStatus(known(over)));
      return screen.queryByText(en['preview.older'], { exact: false }) !== null;
    };
    await act(async () => void (await usePlan.getState().open({ id: 'plan-2', at: 2 })));
    expect(screen.getByText('plan-2')).toBeTruthy();
    expect(await isOld({})).toBe(false);
    expect(await isOld({ grounds: { entry: 10, observed: 5 } })).toBe(true);
    usePlan.setState({ loaded: { plan: shelved, madeAt: 2, fromShelf: true } });
    expect(await isOld({})).toBe(false);
    expect(await isOld({ observed: { ...observed, at: now + 1 } })).toBe(true);
  });

  test('what narrows nothing is not in the question, so that one question has one form', () => {
    expect(questionOf('plan-1', everybody)).toEqual({ id: 'plan-1' });
    expect(questionOf('plan-1', { ...everybody, text: '  ' })).toEqual({ id: 'plan-1' });
    expect(questionOf('plan-1', { kind: 'held', text: ' Ada ', community: 'finance', movement: 'falls' })).toEqual({
      id: 'plan-1',
      text: 'Ada',
      held: true,
      community: 'finance',
      movement: ['falls'],
    });
    expect(questionOf('plan-1', { ...everybody, kind: 'remove' })).toEqual({ id: 'plan-1', change: ['remove'] });
  });

  test('pages that are far from what is in sight are let go, and those near are kept', () => {
    const start: Parameters<typeof withPage<number>>[0] = { key: 'k', rows: [], pages: [] };
    const page = (at: number) => Array.from({ length: 200 }, (_, row) => at * 200 + row);
    const all = Array.from({ length: 60 }, (_, at) => at);
    const end = all.reduce((shown, at) => withPage(shown, at, page(at), 100_000), start);
    expect(end.rows).toHaveLength(100_000);
    expect(end.pages).toEqual(all.slice(10));
    expect(end.rows[1_999]).toBeUndefined();
    expect(end.rows[2_000]).toBe(2_000);
    expect(end.rows[11_999]).toBe(11_999);
    // Fewer than promised: the list is as long as the relay says now.
    expect(withPage(end, 0, [1], 1).rows).toEqual([1]);
  });

  test('G2 enabling names the plan that is shown; a stale one leads to the new plan, and asks again', async () => {
    let latest = plan('plan-old', [change('ada')]);
    const fake = relay({
      status: off,
      'plan.make': () => latest,
      'sync.enable': ({ plan: id }: { plan: string }) => (id === latest.id ? status() : refused('stale', 'changed')),
    });
    const user = await open('#/preview', fake);
    await user.click(screen.getByRole('button', { name: en.enable }));
    const dialog = within(await screen.findByRole('dialog'));
    latest = plan('plan-new', [change('ada'), change('ben', { change: 'remove' })], {
      summary: { ...nothing, create: 1, grants: 1, remove: 1, held: 1 },
    });
    await user.click(dialog.getByRole('button', { name: 'Enable with plan-old' }));
    expect(await dialog.findByText(en['stale.title'])).toBeTruthy();
    expect(dialog.getByText('People removed', { exact: false }).textContent).toBe('People removed: 0 → 1');
    expect(fake.asked).toContainEqual(['sync.enable', { plan: 'plan-old', by: 'Ines', accept: [], removals: false }]);
    expect(useRelay.getState().status?.sync.state).toBe('off');
    await user.click(dialog.getByRole('button', { name: 'Enable with plan-new' }));
    expect(fake.asked).toContainEqual(['sync.enable', { plan: 'plan-new', by: 'Ines', accept: [], removals: false }]);
    expect(useRelay.getState().status?.sync.state).toBe('on');
  });
});

test.each([
  '',
  'setup',
  'mapping',
  'preview',
  'review',
  'people',
  'groups',
  'activity',
  'activity/deliveries',
  'settings',
])(
  'what is asked ahead of #/%s, while its code is on its way, is what the page asks, and is asked once',
  async (page) => {
    const fake = relay({});
    askAhead(fake.bridge, routeOf(`#/${page}`));
    const ahead = [...fake.asked];
    await open(`#/${page}`, fake);
    for (const [name, question] of ahead) {
      const same = ([other, about]: (typeof ahead)[number]) =>
        other === name && JSON.stringify(about) === JSON.stringify(question);
      expect([name, fake.asked.filter(same).length]).toEqual([name, 1]);
      expect([name, taken(name as 'status', question as Record<string, never>)]).toEqual([name, undefined]);
    }
  },
);

test('once the relay’s events are heard, what was asked before is asked again only where something changed meanwhile', async () => {
  const fake = relay({ 'alert.show': () => ({ standing: [] }) });
  const asked = () => fake.asked.filter(([name]) => name === 'alert.show').length;
  const hear = () => act(async () => fake.hear('here'));
  await open('', fake);
  await hear();
  expect(asked()).toBe(1);
  await hear(); // it was lost for a while, and whatever is not in the status may have changed too
  await vi.waitFor(() => expect(asked()).toBe(2));
  leave();
  cleanup();
  forget();

  await open('', fake);
  const before = asked();
  fake.all.status = () => status({ journal: { entries: 12, pushes: 11, refusals: 0, lastAt: now } });
  await hear();
  await vi.waitFor(() => expect(asked()).toBe(before + 1));
});

test('an answer that comes late, to a question nobody asks any more, does not replace the newer one', async () => {
  let answerSlowly = () => {};
  const fake = relay({
    status: () => status({ held: { count: 1, oldestAt: now } }),
    'review.list': ({ states }: { states: string[] }) => {
      if (!states.includes('held'))
        return { items: [held(2, { state: 'kept', decidedBy: 'Ines', decidedAt: now })], total: 1 };
      return new Promise((done) => {
        answerSlowly = () => done({ items: [held(1)], total: 1 });
      });
    },
  });
  const user = await open('#/review', fake);
  await user.click(screen.getByRole('button', { name: en['review.decided'] }));
  expect(await screen.findByRole('row', { name: /Person 2/ })).toBeTruthy();
  await act(async () => answerSlowly());
  expect(screen.getByRole('row', { name: /Person 2/ })).toBeTruthy();
});

describe('the bridge in a browser', () => {
  const fetched: [string, RequestInit | undefined][] = [];
  const answer = (status: number, body: unknown) =>
    vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
      fetched.push([path, init]);
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
    });
  beforeEach(() => void fetched.splice(0));
  afterEach(() => vi.unstubAllGlobals());

  test('S2 a ticket goes to the relay in a body, and out of the address bar before that', async () => {
    answer(200, { ok: true, value: { loggedIn: true } });
    location.hash = '#ticket=ab%2Fc';
    const entering = browserBridge().enter();
    expect(location.hash).toBe('');
    await entering;
    expect(fetched).toEqual([['/session', expect.objectContaining({ method: 'POST', body: '{"ticket":"ab/c"}' })]]);
  });

  test('a refusal is a value; so are no answer, and an answer that is none of the relay’s', async () => {
    answer(409, { ok: false, code: 'stale', message: 'changed' });
    expect(await browserBridge().call('status', {})).toEqual({ ok: false, code: 'stale', message: 'changed' });
    answer(502, '<html>Bad gateway</html>');
    expect(await browserBridge().call('status', {})).toMatchObject({ ok: false, code: 'offline' });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    expect(await browserBridge().call('status', {})).toMatchObject({ ok: false, code: 'offline' });
  });

  test('a browser that is not known is told how to get in, and shown nothing else', async () => {
    await open('#/review', relay({ status: () => refused('unauthorized') }));
    expect(screen.getByText(en['out.title'])).toBeTruthy();
    expect(screen.queryByRole('navigation')).toBeNull();
  });
});

test('a rate is what came in the last minute, falls by itself, and is not taken over from another relay', () => {
  const second = (at: number, pushed: number, done = 0) => ({ at: at * 1_000, pushed, done });
  let kept: ReturnType<typeof paceOf>['kept'] = [];
  const rates = [second(0, 100), second(30, 110), second(60, 130, 6), second(95, 130, 6), second(200, 130, 6)].map(
    (now) => {
      const next = paceOf(kept, now);
      kept = next.kept;
      return [next.pace.pushed, next.pace.done];
    },
  );
  expect(rates).toEqual([
    [0, 0],
    [20, 0],
    [30, 6],
    [0, 0],
    [0, 0],
  ]);
  expect(paceOf(kept, second(201, 5)).pace).toEqual({ pushed: 0, done: 0 });
  expect(paceOf([second(0, 0)], second(1, 5)).pace.pushed).toBe(30); // five at once are not three hundred a minute
});

describe('words', () => {
  test('a phrase belongs to one part only, so that none hides another', () => {
    const keys = Object.values(parts).flatMap((part) => Object.keys(part));
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });

  test('every placeholder of the English words is in the French ones, and the other way round', () => {
    const places = (words: string) => [...words.matchAll(/\{\{(\w+)/g)].map(([, name]) => name).toSorted();
    for (const [key, words] of Object.entries(en)) {
      // "One change" need not say its number; more than one must.
      if (!key.endsWith('_one')) expect(places(fr[key as keyof typeof en]), key).toEqual(places(words));
      expect(fr[key as keyof typeof en].trim(), key).not.toBe('');
    }
  });

  test('numbers, lists and times are the language’s own', () => {
    expect(i18next.t('verdict.held', { count: 1 })).toBe('Everything flows. One change waits for your decision.');
    expect(i18next.t('verdict.held', { count: 1234 })).toBe('Everything flows. 1,234 changes wait for your decision.');
    speak('fr');
    expect(i18next.t('verdict.held', { count: 1234 }).replace(/\s/g, ' ')).toBe(
      'Tout circule. 1 234 changements attendent votre décision.',
    );
    expect(formats('fr').ago(now - 3 * 60_000, now)).toBe('il y a 3 minutes');
    expect(formats('en').ago(now - 26 * 3_600_000, now)).toBe('yesterday');
    expect(formats('en', ['en-GB']).when(now)).toContain('23 Nov 2026');
    speak('pt');
    expect(i18next.resolvedLanguage).toBe('en');
  });

  test('in French no line begins with a sign that ends the one before, and a million is said in French too', () => {
    speak('fr');
    for (const key of Object.keys(fr)) {
      const words = i18next.getResource('fr', 'translation', key) as string;
      expect(words, key).not.toMatch(/ [:;!?»%](?:\s|$)|« /);
      expect(words.replaceAll('\u00a0', ' '), key).toBe(fr[key as keyof typeof en].replaceAll('\u00a0', ' '));
    }
    expect(i18next.t('bulk.remove', { count: 1_000_000 })).not.toBe(
      i18next.getFixedT('en')('bulk.remove', { count: 1_000_000 }),
    );
    expect(i18next.t('bulk.remove', { count: 0 })).toBe(i18next.t('bulk.remove', { count: 1 }).replace('1', '0'));
  });

  test('whatever the relay says of a failed delivery, it says in French too', () => {
    const detail = 'x';
    const outcomes = [
      { kind: 'conflict', detail },
      { kind: 'refused', status: 400, detail },
      { kind: 'unauthorized', status: 401, sso: false, detail },
      { kind: 'unauthorized', status: 403, sso: true, detail },
      { kind: 'busy', status: 429 },
      { kind: 'failed', status: 500, detail },
      { kind: 'lost', detail },
      { kind: 'odd', status: 200, detail },
      { kind: 'unreachable', detail },
      { kind: 'missing' },
    ] as unknown as Parameters<typeof stepAfter>[1][];
    const said = outcomes.flatMap((outcome) =>
      (['user.create', 'user.update'] as const).flatMap((kind) => {
        const step = stepAfter(kind, outcome, 1, 0.5, true);
        return [...('cause' in step ? [step.cause] : []), ...('remedy' in step ? [step.remedy] : [])];
      }),
    );
    expect(said.length).toBeGreaterThan(20);
    for (const words of said) expect(french(words), words).toBeDefined();
    expect(french('Something nobody has said before')).toBeUndefined();
  });
});

test('an address names a page and what it is about, and odd ones lead home', () => {
  expect(routeOf('#/review/12')).toEqual({ page: 'review', rest: '12' });
  expect(routeOf(to('people', 'ada+x/y@acme.example'))).toEqual({ page: 'people', rest: 'ada+x/y@acme.example' });
  expect(routeOf(to('activity', 'journal/7'))).toEqual({ page: 'activity', rest: 'journal/7' });
  for (const odd of ['', '#', '#/', '#/nowhere/x', '#review%', '#/__proto__'])
    expect(routeOf(odd).page).toBe('overview');
  expect(routeOf('#/people/%E0%A4%A')).toEqual({ page: 'people', rest: '%E0%A4%A' });
});
