/**
 * Access: who has which role where, as a pure function of directory and mapping, with its explanation.
 *
 * Pure. Laws (test/access.test.ts): A1 a function of its arguments; A2 inactive people have none; A3 the highest rank
 * wins, and the explanation names every contributing link and the winner; A5 nested groups count through any depth, and
 * a cycle changes nothing and is reported.
 */
import type { Link, Mapping, Team } from './mapping.ts';
import { rankOf } from './mapping.ts';

/** One link that speaks for a role. `through`: the groups between the person and the linked one, nearest first. */
export type Reason = Readonly<{ link: Link; team: number; through: readonly number[]; winner: boolean }>;
export type Held = Readonly<{ community: string; role: string; because: readonly Reason[] }>;
/** By community id, in the order of the ids. */
export type Access = ReadonlyMap<string, Held>;
export const noAccess: Access = new Map();

/** A group that is reached, and by which one; the person is directly in the group that has no `via`. */
export type Reached = Readonly<{ team: number; steps: number; via?: Reached }>;
export type Ways = Readonly<{
  /** Everything being directly in `team` reaches: the group itself, and every group around it. */
  from(team: number): readonly Reached[];
  linksOf(team: number): readonly Link[];
  accessOf(direct: readonly number[]): Access;
}>;

/** Prepares the look-ups that many people share. `parents` gives, for a group, the groups that directly hold it. */
export function ways(
  mapping: Mapping,
  teams: ReadonlyMap<number, Team>,
  parents: ReadonlyMap<number, readonly number[]>,
): Ways {
  const byTeamId = Map.groupBy(mapping.links, ({ team }) => team);
  const links = new Map<number, readonly Link[]>();
  for (const team of teams.values()) {
    // A link names its source as well: an id that came back under another source is another group (A4).
    const own = (byTeamId.get(team.id) ?? []).filter(({ source }) => source === team.source);
    if (team.live && own.length > 0) links.set(team.num, own);
  }
  const reached = new Map<number, readonly Reached[]>();
  const ranks = new Map(mapping.roles.map(({ id }) => [id, rankOf(mapping, id)]));
  const rank = (role: string) => ranks.get(role) ?? Number.NEGATIVE_INFINITY;

  /**
   * Breadth first, so it is a shortest way; each group once, so a cycle ends (A5). Of ways equally short the one by the
   * smallest numbers, whatever order the memberships came in (A1).
   */
  function from(start: number): readonly Reached[] {
    const known = reached.get(start);
    if (known) return known;
    const found: Reached[] = [];
    if (teams.get(start)?.live) found.push({ team: start, steps: 0 });
    const seen = new Set([start]);
    for (const here of found) {
      for (const parent of inOrder(parents.get(here.team) ?? [])) {
        if (seen.has(parent) || !teams.get(parent)?.live) continue;
        seen.add(parent);
        found.push({ team: parent, steps: here.steps + 1, via: here });
      }
    }
    reached.set(start, found);
    return found;
  }

  function accessOf(direct: readonly number[]): Access {
    if (links.size === 0 || direct.length === 0) return noAccess;
    const best = new Map<number, Reached>(); // one way for each linked group, the shortest
    for (const start of inOrder(direct)) {
      for (const way of from(start)) {
        if (!links.has(way.team)) continue;
        const known = best.get(way.team);
        if (known === undefined || way.steps < known.steps) best.set(way.team, way);
      }
    }
    if (best.size === 0) return noAccess;
    const reasons = [...best.values()].flatMap((way) =>
      (links.get(way.team) ?? []).map((link) => ({ link, team: way.team, through: between(way) })),
    );
    const held = [...Map.groupBy(reasons, ({ link }) => link.community)].map(([community, all]): Held => {
      const sorted = all.sort(
        (a, b) => rank(b.link.role) - rank(a.link.role) || a.through.length - b.through.length || a.team - b.team,
      );
      const role = sorted[0]?.link.role ?? '';
      return { community, role, because: sorted.map((reason, at) => ({ ...reason, winner: at === 0 })) };
    });
    return new Map(held.sort((a, b) => (a.community < b.community ? -1 : 1)).map((one) => [one.community, one]));
  }

  return { from, linksOf: (team) => links.get(team) ?? [], accessOf };
}

const inOrder = (teams: readonly number[]): readonly number[] =>
  teams.length < 2 ? teams : [...teams].sort((a, b) => a - b);

/** The groups on the way to one that is reached, nearest to the person first. Chains are shared, so deep nesting is cheap. */
export function between({ via }: Reached): number[] {
  const through: number[] = [];
  for (let here = via; here; here = here.via) through.push(here.team);
  return through.reverse();
}

/** The groups that hold themselves through others: each list one ring, smallest number first. */
export function cycles(children: ReadonlyMap<number, readonly number[]>): number[][] {
  // Tarjan's strongly connected components, with a stack of our own: nesting may be deep.
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  const rings: number[][] = [];
  for (const root of children.keys()) {
    if (index.has(root)) continue;
    const work: { node: number; next: number }[] = [{ node: root, next: 0 }];
    while (work.length > 0) {
      const top = work[work.length - 1] as { node: number; next: number };
      const { node } = top;
      if (top.next === 0) {
        index.set(node, index.size);
        low.set(node, index.get(node) as number);
        open.push(node);
        isOpen.add(node);
      }
      const below = children.get(node) ?? [];
      const child = below[top.next];
      if (child !== undefined) {
        top.next += 1;
        if (!index.has(child)) work.push({ node: child, next: 0 });
        else if (isOpen.has(child)) low.set(node, Math.min(low.get(node) as number, index.get(child) as number));
        continue;
      }
      work.pop();
      const above = work[work.length - 1];
      if (above) low.set(above.node, Math.min(low.get(above.node) as number, low.get(node) as number));
      if (low.get(node) === index.get(node)) {
        const ring: number[] = [];
        for (;;) {
          const member = open.pop() as number;
          isOpen.delete(member);
          ring.push(member);
          if (member === node) break;
        }
        if (ring.length > 1 || below.includes(node)) rings.push(ring.sort((a, b) => a - b));
      }
    }
  }
  return rings.sort((a, b) => (a[0] as number) - (b[0] as number));
}
