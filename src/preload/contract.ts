/**
 * What the page may ask, as data: a person's work from the admin API, and the few things only the app can do. Both ends
 * are derived from here: src/preload/index.ts puts it on `window.relay`, src/main/ipc.ts answers it.
 *
 * A call of the admin API that is not listed does not exist for the page. A source's new token passes through the page
 * once, to the person who asked for it and has to paste it at the provider: it is in no store, no draft and no storage of
 * the browser. Steeple's own tokens go in and never come out (S1). The page imports types from here and nothing else: zod
 * must not be in its bundle.
 */
import { z } from 'zod';
import { calls as admin } from '../../daemon/contract/admin.ts';
import type { Said } from '../../daemon/contract/said.ts';
import { links } from './links.ts';

/** Calls that go through to the relay as they are. */
export const relayed = {
  status: admin.status,
  'upstream.test': admin['upstream.test'],
  'upstream.set': admin['upstream.set'],
  'communities.list': admin['communities.list'],
  'communities.import': admin['communities.import'],
  'communities.refresh': admin['communities.refresh'],
  'mapping.show': admin['mapping.show'],
  'mapping.export': admin['mapping.export'],
  'mapping.import': admin['mapping.import'],
  'mapping.validate': admin['mapping.validate'],
  'mapping.board': admin['mapping.board'],
  'mapping.groups': admin['mapping.groups'],
  'mapping.communities': admin['mapping.communities'],
  'mapping.effect': admin['mapping.effect'],
  'mapping.advice': admin['mapping.advice'],
  'mapping.draft': admin['mapping.draft'],
  'mapping.draft.change': admin['mapping.draft.change'],
  'mapping.draft.rule': admin['mapping.draft.rule'],
  'mapping.draft.dropRule': admin['mapping.draft.dropRule'],
  'mapping.draft.import': admin['mapping.draft.import'],
  'mapping.draft.discard': admin['mapping.draft.discard'],
  'mapping.draft.rebase': admin['mapping.draft.rebase'],
  'mapping.draft.publish': admin['mapping.draft.publish'],
  'mapping.rule.try': admin['mapping.rule.try'],
  'mapping.file': admin['mapping.file'],
  'mapping.history': admin['mapping.history'],
  'mapping.diff': admin['mapping.diff'],
  'mapping.rollback': admin['mapping.rollback'],
  'mapping.expansions': admin['mapping.expansions'],
  'mapping.confirm': admin['mapping.confirm'],
  'mapping.decline': admin['mapping.decline'],
  'communities.add': admin['communities.add'],
  'plan.make': admin['plan.make'],
  'plan.show': admin['plan.show'],
  'plan.people': admin['plan.people'],
  'plan.operations': admin['plan.operations'],
  'plan.members': admin['plan.members'],
  'plan.strangers': admin['plan.strangers'],
  'plan.gaps': admin['plan.gaps'],
  'plan.list': admin['plan.list'],
  'plan.keep': admin['plan.keep'],
  'plan.release': admin['plan.release'],
  'plan.compare': admin['plan.compare'],
  'plan.export': admin['plan.export'],
  'external.list': admin['external.list'],
  'external.declare': admin['external.declare'],
  'external.withdraw': admin['external.withdraw'],
  'preflight.show': admin['preflight.show'],
  'preflight.confirm': admin['preflight.confirm'],
  'preflight.expect': admin['preflight.expect'],
  'preflight.look': admin['preflight.look'],
  'sync.enable': admin['sync.enable'],
  'sync.disable': admin['sync.disable'],
  'review.list': admin['review.list'],
  'review.counts': admin['review.counts'],
  'review.show': admin['review.show'],
  'review.approve': admin['review.approve'],
  'review.keep': admin['review.keep'],
  'review.undo': admin['review.undo'],
  'review.bulk': admin['review.bulk'],
  'review.export': admin['review.export'],
  'review.import': admin['review.import'],
  'undo.list': admin['undo.list'],
  'undo.show': admin['undo.show'],
  'undo.play': admin['undo.play'],
  'undo.pins': admin['undo.pins'],
  'undo.lift': admin['undo.lift'],
  'bundle.key': admin['bundle.key'],
  'reviewer.list': admin['reviewer.list'],
  'reviewer.add': admin['reviewer.add'],
  'reviewer.remove': admin['reviewer.remove'],
  'drift.show': admin['drift.show'],
  'drift.scan': admin['drift.scan'],
  'drift.decide': admin['drift.decide'],
  'delivery.show': admin['delivery.show'],
  'delivery.edit': admin['delivery.edit'],
  'gate.show': admin['gate.show'],
  'gate.clear': admin['gate.clear'],
  why: admin.why,
  people: admin.people,
  groups: admin.groups,
  'source.add': admin['source.add'],
  'group.show': admin['group.show'],
  'group.members': admin['group.members'],
  'source.rotate': admin['source.rotate'],
  'source.set': admin['source.set'],
  'source.revoke': admin['source.revoke'],
  'policy.show': admin['policy.show'],
  'policy.set': admin['policy.set'],
  'policy.stand': admin['policy.stand'],
  'policy.unstand': admin['policy.unstand'],
  'policy.withdraw': admin['policy.withdraw'],
  doctor: admin.doctor,
  'network.show': admin['network.show'],
  'network.set': admin['network.set'],
  'expiry.list': admin['expiry.list'],
  'alert.show': admin['alert.show'],
  'alert.rules': admin['alert.rules'],
  'alert.mail': admin['alert.mail'],
  'alert.add': admin['alert.add'],
  'alert.remove': admin['alert.remove'],
  'alert.test': admin['alert.test'],
  'key.list': admin['key.list'],
  'key.add': admin['key.add'],
  'key.revoke': admin['key.revoke'],
  'backup.show': admin['backup.show'],
  'backup.make': admin['backup.make'],
  'backup.schedule': admin['backup.schedule'],
  'backup.stop': admin['backup.stop'],
  'journal.show': admin['journal.show'],
  'journal.verify': admin['journal.verify'],
  'journal.find': admin['journal.find'],
  'journal.progress': admin['journal.progress'],
  'journal.page': admin['journal.page'],
  'journal.archives': admin['journal.archives'],
  'journal.archive': admin['journal.archive'],
  'journal.erase': admin['journal.erase'],
  'delivery.list': admin['delivery.list'],
  'delivery.retry': admin['delivery.retry'],
  'delivery.drop': admin['delivery.drop'],
} as const;

/**
 * The relay the app speaks to. `own`: it started it, and stops it when it quits; `found`: it was running already on this
 * computer; `remote`: on another machine, by address and access key.
 */
export const Attached = z.object({
  how: z.enum(['own', 'found', 'remote', 'none']),
  /** The data folder, or the address of a remote relay. */
  data: z.string(),
  /** Who is logged in to this computer: offered as the name that decisions are recorded under. */
  person: z.string(),
});
export type Attached = Readonly<z.infer<typeof Attached>>;

/** What the app remembers of itself on this computer. */
export const AppPreferences = z.object({
  version: z.string(),
  startAtLogin: z.boolean(),
  updates: z.enum(['on', 'ask', 'off']),
  /** What the admin of this computer allows at most; null: says nothing. */
  updatesAtMost: z.enum(['on', 'ask', 'off']).nullable(),
  remote: z.string().nullable(),
});
export type AppPreferences = Readonly<z.infer<typeof AppPreferences>>;

/** Everything the window may ask of the main process. A channel that is not here does not exist. */
export const calls = {
  ...relayed,
  /** Opens a place outside in the person's browser; false where there is no address for it. */
  'app.open': { input: z.strictObject({ link: z.enum(links) }), output: z.boolean() },
  'app.daemon': { input: z.strictObject({}), output: Attached },
  'app.preferences': { input: z.strictObject({}), output: AppPreferences },
  'app.prefer': {
    input: z.strictObject({ startAtLogin: z.boolean().optional(), updates: z.enum(['on', 'ask', 'off']).optional() }),
    output: AppPreferences,
  },
  /** Looks for a newer version now; false where updates are off, or none could be looked for. */
  'app.update': { input: z.strictObject({}), output: z.boolean() },
  /**
   * Another machine's relay, by the address of its console and an access key, which goes into the keychain; null: this
   * computer's own again. Tried before anything is kept.
   */
  'app.connect': {
    input: z.strictObject({
      to: z.strictObject({ url: z.string().min(1).max(500), key: z.string().min(1).max(500) }).nullable(),
    }),
    output: Attached,
  },
} as const;

export type Relayed = keyof typeof relayed;
type Calls = typeof calls;
export type Channel = keyof Calls;
export type Input<C extends Channel> = z.infer<Calls[C]['input']>;
/** What a caller may leave out because the contract has a default. */
export type Question<C extends Channel> = z.input<Calls[C]['input']>;
export type Output<C extends Channel> = z.infer<Calls[C]['output']>;

/**
 * `code`: 'untrusted' and 'invalid' are said by the app's own door, 'offline' where no relay answers, and the rest by the
 * relay (the name of its error, lower-case: 'stale', 'notfound', 'unauthorized' …, or 'internal'). `said`: the message by the
 * codes of daemon/contract/said.ts, or each of its lines; null for one that has no code.
 */
export type Failure = Readonly<{ ok: false; code: string; message: string; said?: readonly (Said | null)[] }>;
export type Reply<C extends Channel> = Readonly<{ ok: true; value: Output<C> }> | Failure;

/** What is heard of the relay without asking: it is there, it is gone, or something changed and should be asked again. */
export type Heard = 'here' | 'away' | 'changed';

/** What `src/preload/index.ts` puts on `window.relay`. Failures are values: Electron flattens thrown errors. */
export type Door = Readonly<{
  call<C extends Channel>(channel: C, input: Question<C>): Promise<Reply<C>>;
  /** The function it gives back ends the listening. */
  listen(listener: (heard: Heard) => void): () => void;
  /** Told when the app wants a page shown: a notification was clicked, a link was opened. `route` is `#/review/12`. */
  going(listener: (route: string) => void): () => void;
}>;
/** What `src/main/index.ts` must supply; leaving one channel out is a compile error. */
export type Handlers = { readonly [C in Channel]: (input: Input<C>) => Promise<Output<C>> };
