/**
 * The use cases of the review: what waits, and deciding about it.
 *
 * Law G8: every decision has a name, a reason and a journal entry; who a caller is comes from the door (contract/admin.ts).
 */
import type { Caller, Handlers } from '../contract/admin.ts';
import type { reviewCalls } from '../contract/review.ts';
import { say } from '../core/saying.ts';
import { Malformed, NotFound } from '../errors.ts';
import type { Explaining } from '../store/explaining.ts';
import type { Reviews } from '../store/reviews.ts';
import type { Settings } from '../store/settings.ts';

type Parts = Readonly<{
  settings: Settings;
  reviews: Reviews;
  explaining: Explaining;
  changed(...what: readonly string[]): void;
  now(): number;
}>;

export function reviewHandlers(parts: Parts): Pick<Handlers, keyof typeof reviewCalls> {
  const { settings, reviews, explaining, changed, now } = parts;
  const owner: Caller = { via: 'socket', session: '' };

  const item = async (id: number) => {
    const [shown] = await explaining.items([await reviews.show(id)], now());
    if (shown === undefined) throw new NotFound(say('decision.unknown', { item: id }));
    return shown;
  };
  const decisionOf = (
    event: 'approve' | 'keep' | 'undo',
    { by, reason, until }: Readonly<{ by: string; reason: string; until?: number | undefined }>,
    caller = owner,
  ) => {
    const at = now();
    if (until !== undefined && event !== 'keep') throw new Malformed('invalidValue', say('decision.until-keep'));
    if (until !== undefined && until <= at) throw new Malformed('invalidValue', say('decision.until-past'));
    return { event, by: by.trim(), reason, at, twoPerson: settings.get('policy').twoPerson, until, ...caller };
  };
  const decide = async (
    event: 'approve' | 'keep',
    input: Readonly<{ ids: number[]; by: string; reason: string; until?: number | undefined }>,
    caller?: Caller,
  ) => {
    const items = await reviews.decide([...new Set(input.ids)], decisionOf(event, input, caller));
    changed('review', 'status');
    return { items: await explaining.items(items, now()) };
  };

  return {
    'review.list': async ({ offset, limit, ...filter }) => {
      const { items, total } = await reviews.list(filter, offset, limit, now());
      return { items: await explaining.items(items, now()), total };
    },
    'review.counts': (filter) => reviews.counts(filter, now()),
    'review.show': async ({ id }) => {
      const [file] = await explaining.files([await reviews.show(id)], now());
      if (file === undefined) throw new NotFound(say('decision.unknown', { item: id }));
      return file;
    },
    'review.approve': (input, caller) => decide('approve', input, caller),
    'review.keep': (input, caller) => decide('keep', input, caller),
    'review.undo': async ({ id, by, reason }, caller) => {
      await reviews.decide([id], decisionOf('undo', { by, reason }, caller));
      changed('review', 'status');
      return item(id);
    },
    'review.bulk': async ({ event, filter, count, ...input }, caller) => {
      const done = await reviews.decideAll(filter, count, decisionOf(event, input, caller));
      changed('review', 'status');
      return done;
    },
  };
}
