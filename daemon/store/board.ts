/**
 * A mapping as an editor draws it: its links, the groups on one side, the communities on the other, with heads counted.
 *
 * Reads only. Heads are of active people, each once however they are in a group (rosters.ts), as of one moment of the
 * directory. What a change would do: outlook.ts.
 */
import type { Board, BoardLink, CommunityCard, DraftState, GroupCard } from '../contract/draft.ts';
import type { LinkRow, MappingView, Which } from '../contract/mapping.ts';
import { cycles } from '../core/access.ts';
import { fold } from '../core/directory.ts';
import { linkKey, rulesOf } from '../core/mapping.ts';
import { survey } from '../core/mappingsurvey.ts';
import { groupKey, headcount, headcounts } from '../core/rosters.ts';
import type { Mappings } from './mapping.ts';
import { inTurns, type Moment, type Rolls } from './rosters.ts';
import type { Group } from './teams.ts';

export type Boards = ReturnType<typeof boards>;
type Paged = Readonly<{ of: Which; filter: string; offset: number; limit: number }>;
export type GroupLook = Paged & Readonly<{ source?: string | undefined; linked: 'any' | 'linked' | 'unlinked' }>;

export function boards({ mappings, rolls }: Readonly<{ mappings: Mappings; rolls: Rolls }>) {
  const ringsOf = ({ nestings, teams }: Moment, name: (team: Group) => string): string[][] => {
    const byNum = new Map(teams.map((team) => [team.num, team]));
    const children = new Map(
      [...Map.groupBy(nestings, ({ team }) => team)].map(([team, rows]) => [team, rows.map(({ child }) => child)]),
    );
    return cycles(children).map((ring) => ring.flatMap((num) => byNum.get(num) ?? []).map(name));
  };
  const groupsOf = ({ teams }: Moment) => {
    const byId = new Map(teams.map((team) => [team.id, team]));
    return ({ source, team }: Readonly<{ source: string; team: string }>): Group | undefined => {
      const group = byId.get(team);
      return group?.source === source ? group : undefined;
    };
  };
  type Key = Readonly<{ source: string; team: string }>;
  /** Each group's heads. */
  const heads = async (links: readonly Key[], moment: Moment) => {
    const counts = await inTurns(headcounts(links, moment));
    return (link: Key): number => counts.get(groupKey(link)) ?? 0;
  };

  return {
    show: async (of: Which): Promise<MappingView> => {
      const { version, at, author, note, mapping } = mappings.which(of);
      const moment = await rolls.of(mapping.links);
      const [group, people] = [groupsOf(moment), await heads(mapping.links, moment)];
      const links = mapping.links.map((link): LinkRow => {
        const known = group(link);
        return {
          source: link.source,
          groupId: link.team,
          group: known?.name ?? link.team,
          externalId: known?.externalId ?? null,
          community: link.community,
          role: link.role,
          broken: known?.live !== true,
          people: people(link),
          rule: link.rule ?? null,
        };
      });
      return {
        version,
        at,
        author,
        note,
        mode: mapping.mode,
        nameTemplate: mapping.nameTemplate,
        roles: [...mapping.roles],
        links,
        cycles: ringsOf(moment, ({ name }) => name),
        rules: [...rulesOf(mapping)],
      };
    },

    board: async (of: Which, draft: DraftState): Promise<Board> => {
      const { version, mapping } = mappings.which(of);
      const published = mappings.inForce().mapping.links;
      const moment = await rolls.of(mapping.links);
      const [group, people] = [groupsOf(moment), await heads(mapping.links, moment)];
      const [old, now] = [new Set(published.map(linkKey)), new Set(mapping.links.map(linkKey))];
      const links = mapping.links.map((link): BoardLink => {
        const { source, team: groupId, community, role, rule = null } = link;
        const broken = group(link)?.live !== true;
        return { source, groupId, community, role, rule, broken, people: people(link), isNew: !old.has(linkKey(link)) };
      });
      return {
        of,
        version,
        mode: mapping.mode,
        nameTemplate: mapping.nameTemplate,
        roles: [...mapping.roles],
        rules: [...rulesOf(mapping)],
        links,
        removed: published
          .filter((link) => !now.has(linkKey(link)))
          .map(({ source, team: groupId, community, role }) => ({ source, groupId, community, role })),
        cycles: ringsOf(moment, ({ id }) => id),
        draft,
      };
    },

    groups: async ({ of, filter, source, linked, offset, limit }: GroupLook) => {
      const { mapping } = mappings.which(of);
      const links = Map.groupBy(mapping.links, (link) => `${link.source}\0${link.team}`);
      const linksOf = (team: Group) => links.get(`${team.source}\0${team.id}`)?.length ?? 0;
      const part = fold(filter.trim());
      const wanted = (team: Group): boolean =>
        (team.live || linksOf(team) > 0) &&
        (source === undefined || team.source === source) &&
        (linked === 'any' || (linked === 'linked') === linksOf(team) > 0) &&
        fold(team.name).includes(part);
      const moment = await rolls.of('all');
      const ids = new Map(moment.teams.map(({ num, id }) => [num, id]));
      const named = (rows: Moment['nestings'], key: 'team' | 'child') => rows.flatMap((row) => ids.get(row[key]) ?? []);
      const holds = Map.groupBy(moment.nestings, ({ team }) => team);
      const within = Map.groupBy(moment.nestings, ({ child }) => child);
      const found = moment.teams.filter(wanted).map((team) => ({ team, key: fold(team.name) }));
      found.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.team.num - b.team.num));
      const seen = new Uint8Array(moment.size);
      const shown = found.slice(offset, offset + limit);
      const keys = shown.map(({ team: { source, id } }) => ({ source, team: id }));
      const people = await heads(keys, moment);
      const items = shown.map(({ team }): GroupCard => {
        const { num, id, source, name, externalId, live } = team;
        return {
          id,
          source,
          name,
          externalId,
          live,
          people: people({ source, team: id }),
          // What no group is inside of need not be counted again.
          direct: !live
            ? 0
            : holds.has(num)
              ? headcount(moment.direct(team), moment, seen)
              : people({ source, team: id }),
          links: linksOf(team),
          holds: named(holds.get(num) ?? [], 'child'),
          within: named(within.get(num) ?? [], 'team'),
        };
      });
      return { items, total: found.length };
    },

    communities: async ({ of, filter, offset, limit }: Paged) => {
      const { mapping } = mappings.which(of);
      const moment = await rolls.of(mapping.links);
      const counted = await inTurns(survey(mapping, moment));
      const links = Map.groupBy(mapping.links, ({ community }) => community);
      const roles = [...mapping.roles].sort((a, b) => a.rank - b.rank);
      const part = fold(filter.trim());
      const found = (await mappings.communities()).filter(
        ({ id, name }) => fold(name).includes(part) || fold(id).includes(part),
      );
      const items = found.slice(offset, offset + limit).map((one): CommunityCard => {
        const own = links.get(one.id) ?? [];
        const count = counted.communities.get(one.id);
        return {
          ...one,
          links: own.length,
          people: count?.people ?? 0,
          roles: roles.map(({ id: role }) => ({
            role,
            people: count?.roles.get(role) ?? 0,
            links: own.filter((link) => link.role === role).length,
          })),
        };
      });
      return { items, total: found.length };
    },
  };
}
