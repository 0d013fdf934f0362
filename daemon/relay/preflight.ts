/**
 * The use cases around switching sync on and off: the pre-flight, what people confirm for it, and the switch itself. Everything
 * said or accepted is in the journal (G8). Laws: G1, G2, G3. What an item means: core/preflight.ts.
 */
import type { Handlers } from '../contract/admin.ts';
import type { Preflight, PreflightCode, preflightCalls } from '../contract/preflight.ts';
import type { Status } from '../contract/status.ts';
import { preflight } from '../core/preflight.ts';
import { say } from '../core/saying.ts';
import { Malformed, NotFound, Stale } from '../errors.ts';
import type { Externals } from '../store/externals.ts';
import type { Mappings } from '../store/mapping.ts';
import type { Observing } from '../store/observed.ts';
import type { Planning } from '../store/planning.ts';
import type { Reviews } from '../store/reviews.ts';
import type { Settings } from '../store/settings.ts';
import type { Sources } from '../store/sources.ts';
import type { Surveyor } from '../surveyor.ts';
import type { UpstreamKeeper } from '../upstream.ts';

type Parts = Readonly<{
  planning: Planning;
  surveyor: Surveyor;
  externals: Externals;
  settings: Settings;
  sources: Sources;
  mappings: Mappings;
  observed: Observing;
  reviews: Reviews;
  upstream: UpstreamKeeper;
  observe(maxAgeMs: number): Promise<void>;
  status(): Promise<Status>;
  decide(
    actor: string,
    body: Readonly<{ what: string }> & Readonly<Record<string, unknown>>,
    work: () => void,
  ): Promise<void>;
  changed(...what: readonly string[]): void;
  now(): number;
}>;
/** Enabling compares with Steeple as it is, so a scan older than this is made again first. */
const scanFreshMs = 5 * 60_000;
const decisionsAtOnce = 100;

export function preflightDesk(parts: Parts): Pick<Handlers, keyof typeof preflightCalls> {
  const { planning, surveyor, externals, settings, sources, mappings, upstream, changed, decide, now } = parts;
  const { shelf } = planning;

  async function show(named: string): Promise<Preflight> {
    const id = named === '' ? shelf.latest() : named;
    const outline = id === undefined ? undefined : shelf.outlineOf(id);
    const active = (await sources.list(now())).filter(({ state }) => state === 'active');
    const [test, lastPushes, strangers] = await Promise.all([
      upstream.test(),
      surveyor.lastPushes(active.map((source) => source.id)),
      id === undefined ? [] : surveyor.activeStrangers(id),
    ]);
    const { version, mapping } = mappings.inForce();
    const cycles = settings.get('cycles');
    const expected = settings.get('expected');
    const rows = active.map((source) => ({
      id: source.id,
      kind: source.kind,
      lastPushAt: lastPushes[source.id],
      heardAt: source.lastSeenAt ?? undefined,
      hasMembers: sources.hasMembers(source.id),
      cycle: cycles[source.id],
      counts: {
        source: source.id,
        expected: expected[source.id] ?? null,
        here: { users: source.users, groups: source.groups },
      },
    }));
    const items = preflight({
      test,
      sso: settings.get('sso'),
      mapping: { version, links: mapping.links.length, draftChanges: mappings.draftChanges() },
      plan:
        outline &&
        ((sum) => ({
          id: outline.id,
          mapping: outline.basedOn.mapping,
          of: outline.basedOn.of ?? 'published',
          removals: sum.remove + sum.revokes,
          downgrades: sum.downgrades ?? 0,
          strangers: strangers.filter((one) => !externals.isDeclared(one)).length,
          looked: shelf.looked(outline.id),
        }))(outline.summary),
      sources: rows,
      externalsDue: externals.counts(now()).due,
      now: now(),
    });
    const { users, groups } = await parts.observed.counts();
    return {
      ready: items.every(({ state }) => state === 'green'),
      possible: !items.some(({ blocks }) => blocks),
      first: settings.get('sync').since === null,
      plan: id ?? null,
      items,
      counts: rows.map(({ counts }) => counts),
      steeple: { users, groups, at: settings.get('scannedAt') },
    };
  }

  async function mustHave(source: string): Promise<void> {
    const known = await sources.list(now());
    if (!known.some(({ id, state }) => id === source && state === 'active'))
      throw new NotFound(say('source.inactive', { source }));
  }

  /** What must not be passed over in silence. @throws Stale */
  async function pass(plan: string, accept: readonly PreflightCode[] | undefined): Promise<PreflightCode[]> {
    const { items } = await show(plan);
    const blocked = items.filter(({ blocks }) => blocks);
    if (blocked.length > 0) throw new Stale([say('sync.blocked'), ...blocked.map(({ words }) => words)].join('\n'));
    const open = items.filter(({ state }) => state !== 'green');
    const missing = accept === undefined ? [] : open.filter(({ code }) => !accept.includes(code));
    if (missing.length > 0)
      throw new Stale(
        [
          say('sync.not-green', { codes: [...new Set(missing.map(({ code }) => code))].join(', ') }),
          ...missing.map(({ words }) => words),
        ].join('\n'),
      );
    return [...new Set(open.map(({ code }) => code))];
  }

  return {
    'preflight.show': ({ plan }) => show(plan),
    'preflight.confirm': async ({ code, source, yes, note, by }) => {
      if ((code === 'cycle') !== (source !== undefined))
        throw new Malformed('invalidValue', 'A cycle is of a source: name it. SSO is of Steeple: name none');
      if (source !== undefined) await mustHave(source);
      const said = { by, at: now(), note };
      await decide(by, { what: 'preflight.confirm', code, ...(source && { source }), yes, note }, () => {
        if (source === undefined) settings.set('sso', yes ? said : null);
        else {
          const { [source]: _, ...others } = settings.get('cycles');
          settings.set('cycles', yes ? { ...others, [source]: said } : others);
        }
      });
      changed('status');
      return show('');
    },
    'preflight.expect': async ({ source, users, groups, by }) => {
      await mustHave(source);
      await decide(by, { what: 'preflight.expect', source, users, groups }, () =>
        settings.set('expected', { ...settings.get('expected'), [source]: { users, groups, by, at: now() } }),
      );
      changed('status');
      return show('');
    },
    'preflight.look': async ({ plan, parts: looked, by }) => {
      shelf.look(plan, looked, by, now());
      changed('plan');
      return show(plan);
    },

    'sync.enable': async ({ plan, by, accept, removals }, caller) => {
      shelf.outlineOf(plan);
      if (settings.get('sync').state === 'on') throw new Stale(say('sync.on'));
      await parts.observe(scanFreshMs);
      const accepted = await pass(plan, accept);
      const items = await planning.enable(plan, by, now(), accepted);
      if (removals) {
        const reason = `Accepted with plan ${plan} when sync was switched on`;
        const { twoPerson } = settings.get('policy');
        const decision = { event: 'approve', by: by.trim(), reason, at: now(), twoPerson, ...caller } as const;
        // Each for itself: one that moved on since sync was switched on must not keep the others from being decided.
        for (let from = 0; from < items.length; from += decisionsAtOnce)
          await parts.reviews.decideEach(
            items.slice(from, from + decisionsAtOnce).map((id) => ({ id, decision })),
            () => undefined,
          );
      }
      changed('status', 'plan', 'review');
      return { ...(await parts.status()), accepted };
    },
    'sync.disable': async ({ by, reason, owed, people }) => {
      if (people === 'take-back') {
        if (owed !== 'drop') throw new Malformed('invalidValue', say('sync.take-back-owed'));
        await parts.observe(scanFreshMs);
      }
      await planning.disable(by, reason, now(), owed, people);
      changed('status', 'deliveries', 'review');
      return { ...(await parts.status()), stays: planning.ours() };
    },
  };
}
