/** What of the mapping is shown: narrowed by search and filter, laid out in two columns of rows, and looked up by either end. */
import type { CommunityCard, GroupCard } from '../../../../daemon/contract/draft.ts';
import { type Drawn, groupKey, portKey } from '../../mapping.ts';

export const groupHeight = 36;
export const headHeight = 34;
export const portHeight = 30;
export const gapHeight = 8;

export const filters = ['all', 'unlinked', 'linked', 'broken', 'new'] as const;
export type Filter = (typeof filters)[number];

export type Port = Readonly<{ key: string; community: string; role: string; people: number }>;
/** A row of the right column: a community's name, or one of its roles. */
export type RightRow =
  | Readonly<{ kind: 'head'; key: string; community: CommunityCard }>
  | Readonly<{ kind: 'port'; key: string; port: Port; community: CommunityCard; last: boolean }>;

export type Ends = Readonly<{
  byGroup: ReadonlyMap<string, readonly Drawn[]>;
  byPort: ReadonlyMap<string, readonly Drawn[]>;
}>;

export function ends(links: readonly Drawn[]): Ends {
  return {
    byGroup: Map.groupBy(links, ({ source, groupId }) => groupKey({ source, id: groupId })),
    byPort: Map.groupBy(links, portKey),
  };
}

const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
export const fits = (name: string, search: string): boolean => folded(name).includes(folded(search.trim()));

/** Which filters a group passes. A link that the draft removes counts as a change, and no longer as a link. */
export function traits(group: GroupCard, links: readonly Drawn[]): ReadonlySet<Filter> {
  const holding = links.some(({ state }) => state !== 'removed');
  const found = new Set<Filter>(['all', holding ? 'linked' : 'unlinked']);
  if (!group.live || links.some(({ broken }) => broken)) found.add('broken');
  if (links.some(({ state }) => state !== 'there')) found.add('new');
  return found;
}

const none: readonly Drawn[] = [];
export function narrowed(
  groups: readonly GroupCard[],
  { byGroup }: Ends,
  filter: Filter,
  search: string,
): { rows: GroupCard[]; counts: Readonly<Record<Filter, number>> } {
  const counts = { all: 0, unlinked: 0, linked: 0, broken: 0, new: 0 };
  const rows: GroupCard[] = [];
  const wanted = search.trim();
  for (const group of groups) {
    if (wanted !== '' && !fits(group.name, wanted)) continue;
    const own = traits(group, byGroup.get(groupKey(group)) ?? none);
    for (const trait of own) counts[trait] += 1;
    if (own.has(filter)) rows.push(group);
  }
  return { rows, counts };
}

/**
 * Groups that give something first, beside the community they give, so that lines lie level; the others by name. Only what is
 * published counts: a row must not jump away from under the hand that draws.
 */
export function ordered(
  groups: readonly GroupCard[],
  communities: readonly CommunityCard[],
  { byGroup }: Ends,
): readonly GroupCard[] {
  const place = new Map(communities.map(({ id }, at) => [id, at]));
  const first = new Map<string, number>();
  for (const [key, links] of byGroup) {
    const places = links.filter(({ state }) => state !== 'new').map(({ community }) => place.get(community) ?? 0);
    if (places.length > 0) first.set(key, Math.min(...places));
  }
  const at = (group: GroupCard) => first.get(groupKey(group)) ?? Number.MAX_SAFE_INTEGER;
  return groups
    .map((group) => ({ group, at: at(group) }))
    .sort((a, b) => a.at - b.at)
    .map(({ group }) => group);
}

export function rightRows(communities: readonly CommunityCard[], search: string): RightRow[] {
  return communities
    .filter(({ name, id }) => search.trim() === '' || fits(name, search) || fits(id, search))
    .flatMap((community): RightRow[] => [
      { kind: 'head', key: community.id, community },
      ...community.roles.map(({ role, people }, at): RightRow => {
        const key = portKey({ community: community.id, role });
        const port = { key, community: community.id, role, people };
        return { kind: 'port', key, port, community, last: at === community.roles.length - 1 };
      }),
    ]);
}

export const heightOf = (row: RightRow): number =>
  row.kind === 'head' ? headHeight : row.last ? portHeight + gapHeight : portHeight;
