/**
 * What a plan should come to, worked out another way: straight from the directory, the links and what Steeple holds, with
 * nothing of core/plan.ts, core/gate.ts, core/names.ts or core/access.ts. Slow and literal on purpose.
 */
import { expect } from 'vitest';
import type { Account } from '../../daemon/core/account.ts';
import type { OpenItem, RiskKind } from '../../daemon/core/gate.ts';
import type { Change, Decision } from '../../daemon/core/plan.ts';
import type { Company, Kept, Person, Steeple } from '../arbitraries/world.ts';
import { type Departure, matched } from './scene.ts';
import { summaryOf } from './telling.ts';

type Roles = ReadonlyMap<string, string>;
const lower = (name: string): string => name.toLowerCase();

function rank({ mapping }: Company, role: string): number {
  return mapping.roles.find(({ id }) => id === role)?.rank ?? 1000;
}
function highest(
  company: Company,
  grants: readonly (readonly [community: string, role: string])[],
): Map<string, string> {
  const best = new Map<string, string>();
  for (const [community, role] of grants) {
    const known = best.get(community);
    if (known === undefined || rank(company, role) > rank(company, known)) best.set(community, role);
  }
  return best;
}
const topOf = (company: Company): string =>
  company.mapping.roles.reduce((best, role) => (role.rank > best.rank ? role : best)).id;

/** The groups that speak for somebody: their own, and every live one around a live one, until nothing is added. */
function reachedBy(company: Company, num: number): ReadonlySet<number> {
  const isLive = (team: number) => company.teams.some((one) => one.num === team && one.live);
  const reached = new Set(company.members.flatMap(([team, who]) => (who === num && isLive(team) ? [team] : [])));
  for (let size = -1; size !== reached.size; ) {
    size = reached.size;
    for (const [around, inside] of company.nested) if (reached.has(inside) && isLive(around)) reached.add(around);
  }
  return reached;
}
export function desiredRoles(company: Company, { num, state }: Person): Roles {
  if (state !== 'active') return new Map();
  const reached = [...reachedBy(company, num)].map((team) => company.teams.find((one) => one.num === team));
  return highest(
    company,
    company.mapping.links.flatMap(({ team, source, community, role }) =>
      reached.some((one) => one?.id === team && one.source === source) ? [[community, role] as const] : [],
    ),
  );
}
function desiredKeys(company: Company, person: Person): ReadonlySet<string> {
  if (person.state !== 'active') return new Set();
  return new Set(
    company.mapping.mode === 'managed'
      ? [...desiredRoles(company, person)].map(([community, role]) => `pair:${community}/${role}`)
      : [...reachedBy(company, person.num)].map((team) => `group:t${team}`),
  );
}

export function grantsOf({ mapping }: Company, key: string): (readonly [community: string, role: string])[] {
  if (key.startsWith('pair:')) {
    const [community = '', role = ''] = key.slice(5).split('/');
    return [[community, role]];
  }
  // After a change to managed mode nobody knows the source of a mirrored group any more; its id says enough.
  return mapping.links
    .filter(({ team, source }) => `group:${team}` === key && (source === 'entra' || mapping.mode === 'managed'))
    .map(({ community, role }) => [community, role] as const);
}
const keysOf = (steeple: Steeple, id: string): string[] =>
  steeple.groups.flatMap(({ key, members }) => (members.includes(id) ? [key] : []));
function rolesIn(company: Company, steeple: Steeple, account: Kept | undefined): Roles {
  if (!account?.active) return new Map();
  return highest(
    company,
    keysOf(steeple, account.id).flatMap((key) => grantsOf(company, key)),
  );
}

export function holdersOf(company: Company, steeple: Steeple): Map<string, number> {
  const holders = new Map<string, Set<string>>();
  for (const { key, members } of steeple.groups)
    for (const [community, role] of grantsOf(company, key))
      for (const member of members)
        if (steeple.accounts.find(({ id }) => id === member)?.active) {
          const at = `${community}\0${role}`;
          holders.set(at, (holders.get(at) ?? new Set()).add(member));
          holders.set(key, (holders.get(key) ?? new Set()).add(member));
        }
  return new Map([...holders].map(([at, some]) => [at, some.size]));
}
/** People who left each mapped group: a pair in managed mode, the provider's own group in mirror mode. */
export function departedFrom(departures: readonly Departure[]): Map<string, number> {
  const left = new Map<string, Set<number>>();
  for (const { person, groups } of departures)
    for (const group of groups) left.set(group, (left.get(group) ?? new Set()).add(person));
  return new Map([...left].map(([group, some]) => [group, some.size]));
}
export function administratorsOf(company: Company, steeple: Steeple): Map<string, number> {
  const top = topOf(company);
  return new Map(
    [...holdersOf(company, steeple)].flatMap(([at, n]): [string, number][] => {
      const [community = '', role] = at.split('\0');
      return at.includes('\0') && role === top ? [[community, n]] : [];
    }),
  );
}
export function gonePairs(company: Company): Set<string> {
  const insideOf = (team: number, seen = new Set<number>()): Set<number> => {
    if (!seen.has(team)) {
      seen.add(team);
      for (const [around, inside] of company.nested) if (around === team) insideOf(inside, seen);
    }
    return seen;
  };
  const gone = company.mapping.links.filter(({ team }) => {
    const known = company.teams.find(({ id }) => id === team);
    if (!known?.live) return true;
    const inside = insideOf(known.num);
    return !company.members.some(([at, who]) => inside.has(at) && company.people.some(({ num }) => num === who));
  });
  return new Set(gone.map(({ community, role }) => `${community}\0${role}`));
}

/** Everything about one decision, to be held against the laws. */
export type Round = Readonly<{
  company: Company;
  before: Steeple;
  after: Steeple;
  items: readonly OpenItem[];
  departures: readonly Departure[];
  /** The people who were in front of the planner. */
  scope: ReadonlySet<number>;
  decision: Decision;
}>;
type Loss = Readonly<{ person: Person; kind: RiskKind; community: string; from: string; to: string | null }>;
const keyOf = ({ person, kind, community }: Readonly<{ person: number; kind: string; community: string }>) =>
  `${person} ${kind} ${community}`;

export function obeysTheLaws(round: Round): void {
  const { company, before, after, items, decision, scope } = round;
  const { mapping, policy } = company;
  const accounts = matched(company, before);
  const top = topOf(company);
  const people = company.people.filter(({ num }) => scope.has(num));
  const accountOf = ({ num }: Person) => accounts.get(num)?.account;
  const isOurs = ({ num }: Person) => accounts.get(num)?.linked === true;
  const roles = (person: Person) => rolesIn(company, before, accountOf(person));
  const isLeaving = (person: Person) =>
    person.state !== 'active' && isOurs(person) && accountOf(person)?.active === true;
  const openItem = (loss: Loss) =>
    items.find(
      (item) =>
        keyOf(item) === keyOf({ ...loss, person: loss.person.num }) && item.from === loss.from && item.to === loss.to,
    );

  const losses = people.flatMap((person): Loss[] => {
    if (isLeaving(person)) return [{ person, kind: 'remove', community: '', from: '', to: null }];
    if (person.state !== 'active') return [];
    const desired = desiredRoles(company, person);
    return [...roles(person)].flatMap(([community, from]): Loss[] => {
      const to = desired.get(community) ?? null;
      if (to !== null && rank(company, to) >= rank(company, from)) return [];
      return [{ person, kind: to === null ? 'revoke' : 'downgrade', community, from, to }];
    });
  });
  const stuck = stuckPeople();
  const lostTop = (loss: Loss, community: string) =>
    loss.kind === 'remove'
      ? roles(loss.person).get(community) === top
      : loss.community === community && loss.from === top;
  const goingAway = losses.filter((loss) => openItem(loss)?.state !== 'kept');

  function reasons({ person, kind, community, from }: Loss): string[] {
    const found: string[] = [];
    if (policy.protected.map(lower).includes(lower(person.account.userName))) found.push('protected');
    if (kind === 'remove') return [...found, 'removal'];
    const fresh = people.filter(
      (one) =>
        desiredRoles(company, one).get(community) === top && roles(one).get(community) !== top && !isStuckNew(one),
    );
    const gone = goingAway.filter((loss) => lostTop(loss, community)).length;
    if (from === top && (administratorsOf(company, before).get(community) ?? 0) - gone + fresh.length <= 0)
      found.push('last-administrator');
    if (desiredRoles(company, person).size === 0) found.push('last-access');
    if (gonePairs(company).has(`${community}\0${from}`)) found.push('group-gone');
    const active = company.people.filter(({ state }) => state === 'active').length;
    const limit = Math.max(
      policy.limitFloor,
      Math.min(policy.limitCap, Math.floor((policy.limitPercent * active) / 100)),
    );
    const departed = round.departures.filter((one) => one.kind === kind).length;
    if (departed + goingAway.filter((loss) => loss.kind === kind).length > limit) found.push('limit');
    for (const group of groupsLeft({ person, kind, community, from })) {
      const left = departedFrom(round.departures).get(group) ?? 0;
      const size = (holdersOf(company, before).get(group) ?? 0) + left;
      const leaving = new Set(goingAway.filter((loss) => groupsLeft(loss).includes(group)).map((loss) => loss.person));
      if (size > policy.groupOver && left + leaving.size > Math.floor((policy.groupPercent * size) / 100))
        found.push('group-limit');
    }
    return found;
  }
  function groupsLeft({
    person,
    kind,
    community,
    from,
  }: Pick<Loss, 'person' | 'kind' | 'community' | 'from'>): string[] {
    const mine = accountOf(person);
    const staying = person.state === 'active' ? desiredKeys(company, person) : new Set<string>();
    return keysOf(before, mine?.id ?? '').flatMap((key) => {
      if (staying.has(key)) return [];
      const given = grantsOf(company, key).filter(
        ([at, role]) => kind === 'remove' || (at === community && role === from),
      );
      return mapping.mode === 'managed' ? given.map(([at, role]) => `${at}\0${role}`) : given.length > 0 ? [key] : [];
    });
  }
  const waits = losses.filter((loss) => {
    const item = openItem(loss);
    return item ? item.state !== 'approved' : reasons(loss).length > 0;
  });

  // G3, G4, G6: exactly what must wait waits, under the rule that asks for it.
  expect(decision.opens.map(({ risk }) => keyOf(risk)).sort()).toEqual(
    waits
      .filter((loss) => !openItem(loss))
      .map((loss) => keyOf({ ...loss, person: loss.person.num }))
      .sort(),
  );
  for (const { risk, rule } of decision.opens) {
    const loss = losses.find(
      ({ person, kind, community }) => keyOf(risk) === keyOf({ person: person.num, kind, community }),
    );
    expect(loss && reasons(loss)[0]).toBe(rule);
    expect([loss?.from, loss?.to]).toEqual([risk.from, risk.to]);
  }

  const afterOf = (person: Person): Kept | undefined => {
    const known = accountOf(person);
    return after.accounts.find(({ id }) => id === (known?.id ?? `n${person.num}`));
  };
  const shownOf = ({ num }: Person): Change | undefined => decision.changes.find((change) => change.case.num === num);
  const goneKeys = new Set(
    before.groups.map(({ key }) => key).filter((key) => !after.groups.some((one) => one.key === key)),
  );
  const keys = (steeple: Steeple, account: Kept | undefined) =>
    account ? keysOf(steeple, account.id).filter((key) => !goneKeys.has(key)) : [];

  for (const person of people) accountIsRight(person);
  for (const person of people) membershipsAreRight(person);
  strangersAreUntouched();
  groupsAreRight();
  itemsEndAsTheyShould();
  theSummaryIsTrue();

  /** P1 for accounts; G7: attributes flow, whatever else is held. */
  function accountIsRight(person: Person): void {
    const was = accountOf(person);
    const now = afterOf(person);
    const { state, account, num } = person;
    if (state !== 'active' && !isOurs(person)) return;
    if (was === undefined) {
      expect(now === undefined, `${num} stuck`).toBe(isStuckNew(person));
      if (!now) return;
    }
    const approved = losses.some(
      (loss) => loss.person === person && loss.kind === 'remove' && openItem(loss)?.state === 'approved',
    );
    if (approved && policy.removal === 'delete') {
      expect(now).toBeUndefined();
      return;
    }
    const known = state !== 'deleted';
    expect(now).toEqual({
      id: now?.id,
      person: num,
      active: state === 'active' || (was?.active === true && !approved),
      account: known ? overlay(account, was?.account, stuck.has(num)) : was?.account,
    });
  }
  function overlay(want: Account, have: Account | undefined, keepName: boolean): Account {
    const all = { ...want };
    for (const key of Object.keys(want) as (keyof Account)[])
      if (have && want[key] === '') all[key as 'email'] = have[key];
    return keepName && have ? { ...all, userName: have.userName } : all;
  }

  /** P1 for memberships, less what is held; G7: nothing else waits. P6: what is shown is what happens. */
  function membershipsAreRight(person: Person): void {
    const was = accountOf(person);
    const now = afterOf(person);
    const change = shownOf(person);
    const mine = waits.filter((loss) => loss.person === person);
    if (person.state !== 'active' && !isOurs(person)) {
      expect(change).toBeUndefined();
      return;
    }
    if (mine.some(({ kind }) => kind === 'remove')) {
      expect(change?.hold).toBeDefined();
      expect(change?.access.map(({ community, hold }) => [community, hold !== undefined])).toEqual(
        [...roles(person).keys()].sort().map((community) => [community, true]),
      );
      expect(keys(after, now)).toEqual(keys(before, was));
      return;
    }
    if (isStuckNew(person)) {
      expect(change?.hold).toBeDefined();
      expect(change?.access.every(({ hold }) => hold)).toBe(true);
      return;
    }
    const from = roles(person);
    const to = desiredRoles(company, person);
    const wanted = desiredKeys(company, person);
    const differing = [...new Set([...from.keys(), ...to.keys()])].filter((at) => from.get(at) !== to.get(at)).sort();
    expect((change?.access ?? []).map(({ community }) => community)).toEqual(differing);
    const heldIn = new Set((change?.access ?? []).flatMap(({ hold, community }) => (hold ? [community] : [])));
    for (const { community } of mine) expect(heldIn).toContain(community);
    for (const community of heldIn) {
      const together = keys(before, was).some((key) => {
        const given = grantsOf(company, key).map(([at]) => at);
        return !wanted.has(key) && given.includes(community) && given.some((at) => at !== community && heldIn.has(at));
      });
      expect(together || mine.some((loss) => loss.community === community), `${community} is held for nothing`).toBe(
        true,
      );
    }
    if (heldIn.size > 0) expect(mine).not.toEqual([]);
    const nowHas = rolesIn(company, after, now);
    for (const { community, from, to, hold } of change?.access ?? [])
      if (person.state === 'active') expect(nowHas.get(community) ?? null).toBe(hold ? from : to);
    const isHeld = (key: string) => grantsOf(company, key).some(([community]) => heldIn.has(community));
    const had = new Set(keys(before, was));
    const expected = [...new Set([...had, ...wanted])].filter((key) =>
      isHeld(key) ? had.has(key) || (mapping.mode === 'mirror' && wanted.has(key)) : wanted.has(key),
    );
    expect(keys(after, now).sort()).toEqual(now ? expected.sort() : []);
  }

  /** P3 */
  function strangersAreUntouched(): void {
    const ours = new Set(
      people.flatMap((person) => (person.state === 'active' || isOurs(person) ? [accountOf(person)?.id] : [])),
    );
    for (const account of before.accounts) {
      if (ours.has(account.id)) continue;
      expect(after.accounts.find(({ id }) => id === account.id)).toEqual(account);
      expect(keys(after, account)).toEqual(keys(before, account));
    }
    const created = after.accounts.filter(({ id }) => !before.accounts.some((one) => one.id === id));
    for (const { person } of created) expect(people.map(({ num }) => num)).toContain(person);
  }

  function groupsAreRight(): void {
    const named = (steeple: Steeple) => Object.fromEntries(steeple.groups.map(({ key, name }) => [key, name]));
    const expected = named(before);
    const nameOf = (community: string, role: string) =>
      mapping.nameTemplate
        .split('{community}')
        .join(community.toUpperCase())
        .split('{role}')
        .join(`${role[0]?.toUpperCase()}${role.slice(1)}s`);
    if (mapping.mode === 'managed')
      for (const { community, role } of mapping.links) expected[`pair:${community}/${role}`] = nameOf(community, role);
    else
      for (const { id, name, live } of company.teams) {
        if (live) expected[`group:${id}`] = name;
        else if (grantsOf(company, `group:${id}`).length === 0) delete expected[`group:${id}`];
      }
    expect(named(after)).toEqual(expected);
  }

  /** G4, G5 */
  function itemsEndAsTheyShould(): void {
    const ended = new Map(decision.ends.map(({ id, state }) => [id, state]));
    for (const item of items) {
      const person = people.find(({ num }) => num === item.person);
      const isRisk = losses.some((loss) => openItem(loss) === item);
      const now = person && roles(person).get(item.community);
      const isHidden = person && isLeaving(person) && item.kind !== 'remove' && now === item.from;
      if (person === undefined || isRisk || isHidden) {
        expect(ended.has(item.id), `item ${item.id} goes on`).toBe(false);
        continue;
      }
      const isDone = item.kind === 'remove' ? accountOf(person)?.active !== true : (now ?? null) === item.to;
      expect(ended.get(item.id)).toBe(item.state === 'approved' && isDone ? 'sent' : 'withdrawn');
    }
  }

  /** P6 */
  function theSummaryIsTrue(): void {
    const touched = people.filter((person) => person.state === 'active' || isOurs(person));
    const differs = touched.filter((person) => {
      const was = accountOf(person);
      const now = afterOf(person);
      return (
        JSON.stringify({ ...was, person: 0 }) !== JSON.stringify({ ...now, person: 0 }) ||
        keys(before, was).join() !== keys(after, now).join()
      );
    });
    for (const person of differs) expect(shownOf(person), `${person.num} is changed and not shown`).toBeDefined();
    const shown = decision.changes.map((change) => change.case.num);
    expect(new Set(shown).size).toBe(shown.length);
    for (const { person } of decision.operations) if (person !== undefined) expect(shown).toContain(person);
    for (const change of decision.changes) {
      const isHeld = change.hold !== undefined || change.access.some(({ hold }) => hold);
      const isDifferent = differs.some(({ num }) => num === change.case.num);
      expect(isHeld || isDifferent || change.kind === 'adopt', `${change.case.num} is shown for nothing`).toBe(true);
    }
    const wanted = touched.filter(({ state }) => state === 'active');
    const isStale = (person: Person) => {
      const was = accountOf(person)?.account;
      return (
        was !== undefined &&
        JSON.stringify(overlay(person.account, was, false)) !== JSON.stringify({ ...person.account, ...was })
      );
    };
    const count = (some: readonly Person[], test: (person: Person) => boolean) => some.filter(test).length;
    const deltas = touched.flatMap((person) => {
      const from = roles(person);
      const to = desiredRoles(company, person);
      return [...new Set([...from.keys(), ...to.keys()])]
        .filter((community) => from.get(community) !== to.get(community))
        .map((community) => (from.has(community) ? (to.has(community) ? 'change' : 'revoke') : 'grant'));
    });
    expect(summaryOf(decision.changes, company)).toMatchObject({
      create: count(wanted, (one) => accountOf(one) === undefined),
      reactivate: count(wanted, (one) => accountOf(one)?.active === false),
      adopt: count(wanted, (one) => accountOf(one)?.active === true && !isOurs(one)),
      update:
        count(wanted, (one) => accountOf(one)?.active === true && isOurs(one) && isStale(one)) +
        count(touched, (one) => one.state === 'inactive' && accountOf(one)?.active === false && isStale(one)),
      remove: losses.filter(({ kind }) => kind === 'remove').length,
      grants: deltas.filter((kind) => kind === 'grant').length,
      revokes: deltas.filter((kind) => kind === 'revoke').length,
      roleChanges: deltas.filter((kind) => kind === 'change').length,
      held: new Set([...waits.map(({ person }) => person.num), ...stuck]).size,
    });
  }

  /** People whose name is in use by an account that keeps it: nobody moves it, or only somebody stuck could. */
  function stuckPeople(): ReadonlySet<number> {
    const wishes = people.flatMap((person) => {
      const was = accountOf(person);
      if (person.state !== 'active' && !(person.state === 'inactive' && isOurs(person))) return [];
      if (isDeleted(person)) return [];
      if (was && lower(was.account.userName) === lower(person.account.userName)) return [];
      return [{ person, was }];
    });
    const found = new Set<number>();
    for (let size = -1; size !== found.size; ) {
      size = found.size;
      const freed = new Set([
        ...wishes.flatMap(({ person, was }) => (was && !found.has(person.num) ? [was.id] : [])),
        ...people.filter(isDeleted).map((person) => accountOf(person)?.id),
      ]);
      for (const { person, was } of wishes) {
        const isInTheWay = ({ id, account }: Kept) =>
          id !== was?.id && !freed.has(id) && lower(account.userName) === lower(person.account.userName);
        if (before.accounts.some(isInTheWay)) found.add(person.num);
      }
    }
    return found;
  }
  function isDeleted(person: Person): boolean {
    const item = items.find(({ person: who, kind }) => who === person.num && kind === 'remove');
    return isLeaving(person) && policy.removal === 'delete' && item?.state === 'approved';
  }
  function isStuckNew(person: Person): boolean {
    return stuck.has(person.num) && accountOf(person) === undefined;
  }
}

/** What was really taken away, by comparing Steeple before and after: what the store will count as departed (G6). */
export function departuresOf({
  company,
  before,
  after,
  scope,
}: Omit<Round, 'decision' | 'items' | 'departures'>): Departure[] {
  const accounts = matched(company, before);
  return company.people.flatMap((person): Departure[] => {
    const was = accounts.get(person.num)?.account;
    if (was === undefined || !scope.has(person.num) || !was.active) return [];
    const now = after.accounts.find(({ id }) => id === was.id);
    const groupsLeft = (asked: (at: string, role: string) => boolean) =>
      keysOf(before, was.id).flatMap((key) => {
        if (now && keysOf(after, now.id).includes(key)) return [];
        const given = grantsOf(company, key).filter(([at, role]) => asked(at, role));
        if (company.mapping.mode === 'managed') return given.map(([at, role]) => `${at}\0${role}`);
        return given.length > 0 ? [key] : [];
      });
    if (!now?.active)
      return [{ person: person.num, kind: 'remove', community: '', role: '', groups: groupsLeft(() => true) }];
    const left = rolesIn(company, after, now);
    return [...rolesIn(company, before, was)].flatMap(([community, role]): Departure[] => {
      const to = left.get(community);
      if (to !== undefined && rank(company, to) >= rank(company, role)) return [];
      const groups = groupsLeft((at, given) => at === community && given === role);
      return [{ person: person.num, kind: to === undefined ? 'revoke' : 'downgrade', community, role, groups }];
    });
  });
}
