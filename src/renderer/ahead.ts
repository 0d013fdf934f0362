/**
 * What a page asks first, asked while its code is still on its way: one wait instead of two. The page asks in the same
 * words a moment later, and is given this answer (store.ts `call`). A question here that no page asks costs the relay an
 * answer for nobody; test/e2e/entry.spec.ts opens every page and looks.
 */
import type { Question, Relayed, Reply } from '../preload/contract.ts';
import type { Route } from './address.ts';
import type { Bridge } from './bridge.ts';

type Asking = { [C in Relayed]: readonly [name: C, question: Question<C>] }[Relayed];

/** More than the contract gives at once, no company has groups or communities to draw. */
export const mostDrawn = 10_000;
/** Enough to begin with: a hundred held items are 100 KB. */
export const firstHeld = 100;
export const firstRows = 200;
/** Among so many the last plan of the published mapping is looked for. */
export const lastPlans = 10;

const names: Asking = ['communities.list', {}];
const first: Readonly<Record<Route['page'], (rest: string) => readonly Asking[]>> = {
  overview: () => [['alert.show', {}]],
  setup: () => [['preflight.show', { plan: '' }], names],
  mapping: () => [
    ['mapping.board', {}],
    ['mapping.groups', { limit: mostDrawn }],
    ['mapping.communities', { limit: mostDrawn }],
  ],
  preview: () => [['mapping.draft', {}], ['plan.list', { limit: lastPlans }], names],
  review: (rest) =>
    /^(back|bundle)/.test(rest)
      ? []
      : [['review.list', { states: ['held'], limit: firstHeld }], names, ['review.counts', { states: ['held'] }]],
  people: () => [['people', { filter: '', limit: firstRows }]],
  groups: () => [['groups', { filter: '', limit: firstRows }], names],
  activity: (rest) =>
    rest.startsWith('deliveries')
      ? [['delivery.list', { limit: firstRows }]]
      : rest === ''
        ? [['journal.find', { source: '', about: '', from: null, to: null, text: '', kinds: [], limit: firstRows }]]
        : [],
  settings: () => [],
};

/** So long an answer is as good as new; one that nobody fetched by then is not used. */
const freshMs = 10_000;
const asked = new Map<string, Readonly<{ at: number; reply: Promise<Reply<Relayed>> }>>();
const keyOf = (name: Relayed, question: unknown): string => `${name} ${JSON.stringify(question)}`;

export function askAhead(bridge: Pick<Bridge, 'call'>, { page, rest = '' }: Route): void {
  for (const [name, question] of [['status', {}] as const, ...first[page](rest)]) void ask(bridge, name, question);
}

/** Asks what a page will ask in a moment. */
export function ask<C extends Relayed>(
  bridge: Pick<Bridge, 'call'>,
  name: C,
  question: Question<C>,
): Promise<Reply<C>> {
  const reply = bridge.call(name, question);
  asked.set(keyOf(name, question), { at: performance.now(), reply });
  return reply;
}

/** The answer to this very question, if it was asked ahead: once, for whoever asks again wants a newer one. */
export function taken<C extends Relayed>(name: C, question: Question<C>): Promise<Reply<C>> | undefined {
  const key = keyOf(name, question);
  const found = asked.get(key);
  asked.delete(key);
  if (found === undefined || performance.now() - found.at > freshMs) return undefined;
  return found.reply as Promise<Reply<C>>;
}
