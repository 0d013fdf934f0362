/**
 * What a source reads of its own resources: one, or a list by filter. Other sources' resources do not exist for it.
 *
 * A filter is taken apart at its top `and`s. One term that an index can answer finds the candidates (userName,
 * externalId, id, a group's displayName, an e-mail, a member); the other terms are asked of those. Without such a term
 * every resource of the source is read, page by page, and others have their turn between two pages (I10).
 *
 * Order is that of creation, and stays (Okta counts on it while paging), unless another is asked for: then everything is
 * looked at, and only the keys that can still be on the page are kept meanwhile. A page begins at an offset, or behind a
 * place in the order, which stays where it is whoever comes and goes (RFC 9865).
 *
 * Read next: core/filter.ts, core/sort.ts, core/directory.ts.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { ResourceKind } from '../contract/scim.ts';
import type { Reference, Stored } from '../core/directory.ts';
import { conjuncts, counting, entryKey, equality, mentioning } from '../core/filter/terms.ts';
import { type Filter, matches } from '../core/filter.ts';
import { lookedAt } from '../core/representation.ts';
import type { Order, Position } from '../core/sort.ts';
import { Malformed } from '../errors.ts';
import type { Labels } from './labels.ts';
import { members } from './members.ts';
import type { Tally } from './tally.ts';

/** Which of the parts that cost a query of their own the answer shows. */
export type Wanted = Readonly<{ members: boolean; groups: boolean }>;
export type Question = Readonly<{
  source: string;
  kind: ResourceKind;
  /** As addresses of resources begin where it was asked: a filter may name one. */
  base?: string;
  filter?: Filter | undefined;
  /** Absent: that of creation. */
  order?: Order | undefined;
  /** The page begins behind this place, and nobody counts the total again. */
  after?: Position | undefined;
  /** Counts from 0. */
  offset: number;
  count: number;
  wanted: Wanted;
}>;
export type Found = Readonly<{
  /** How many match in all; of no meaning with `after`. */
  total: number;
  resources: readonly Stored[];
  /** The place of the last of them. */
  last?: Position | undefined;
  /** Whether others follow. */
  more: boolean;
}>;
/** Takes what matches, one by one, and keeps what the page needs and one more, which tells that others follow. */
type Page = Readonly<{
  take(row: Row): void;
  /** Whether nothing that is still to come can be on it. */
  full(): boolean;
  found(): Readonly<{ total: number; rows: readonly Row[]; last: Position | undefined; more: boolean }>;
}>;

type Row = Readonly<{
  num: number;
  id: string;
  body: string;
  version: number;
  createdAt: number;
  modifiedAt: number;
}>;
type Key = { source: string; key: string };

/** What an index answers, and whether its answer is the whole truth of the term or only a first choice. */
type Lead = Readonly<{ rows: (key: Key) => Row[]; key: string; exact: boolean; rank: number }>;

const pageSize = 500;
/** How deep a sorted list can be paged by index: so many keys wait in memory. A cursor goes to the end. */
const deepestSorted = 10_000;
/** An `or` of more is read through. */
const mostSides = 20;
const live = { User: "state <> 'deleted'", Group: "state = 'live'" } as const;
const tables = { User: 'person', Group: 'team' } as const;

export function search(db: Database, tally: Tally, names: Labels) {
  const roll = members(db);
  const statements = { User: statementsOf(db, 'User'), Group: statementsOf(db, 'Group') };
  // One row a person, whose groups are numbers in a text: as rows of their own they would be most of a page's cost.
  const groupsOf = db.prepare<{ nums: string }, { num: number; teams: string }>(`
    SELECT value AS num, (SELECT json_group_array(team) FROM membership WHERE person = json_each.value) AS teams
    FROM json_each(@nums)`);

  /** Reads under one lock: taking it anew for each row would be the larger part of a page's cost. */
  const reading = db.transaction((work: () => unknown) => work());
  const together = <T>(work: () => T): T => reading.deferred(work) as T;

  /** The rows with the parts that are wanted of them; the groups of a whole page of people in one query. */
  function stored(kind: ResourceKind, rows: readonly Row[], wanted: Wanted): readonly Stored[] {
    if (rows.length === 0) return []; // as most look-ups of a first cycle end: nothing is left to ask
    if (kind === 'Group')
      return rows.map(({ num, ...row }) => ({ kind, ...row, ...(wanted.members && { members: roll.of(num) }) }));
    if (!wanted.groups) return rows.map(({ num: _, ...row }) => ({ kind, ...row }));
    const groups = new Map<number, readonly Reference[]>();
    for (const { num, teams } of groupsOf.all({ nums: JSON.stringify(rows.map(({ num }) => num)) }))
      groups.set(num, (JSON.parse(teams) as number[]).map(names.of));
    return rows.map(({ num, ...row }) => ({ kind, ...row, groups: groups.get(num) ?? [] }));
  }

  /** The narrowest index that one of these terms has. All of them must hold, so any will do. */
  function bestOf(terms: readonly Filter[], kind: ResourceKind): { term: Filter; lead: Lead } | undefined {
    return terms
      .flatMap((term) => {
        const lead = leadOf(term, kind);
        return lead ? [{ term, lead }] : [];
      })
      .sort((a, b) => a.lead.rank - b.lead.rank)[0];
  }

  /**
   * Where each side of an `or` has an index, all of them together: whoever matches is found by one of them. Not where a
   * side may be a whole group's people: everything a side finds is in memory at once (I10).
   */
  function leadOfAny(sides: readonly Filter[], kind: ResourceKind): Lead | undefined {
    const leads = sides.flatMap((side) => bestOf(conjuncts(side), kind)?.lead ?? []);
    if (leads.length < sides.length || sides.length > mostSides || leads.some(({ rank }) => rank > 4)) return undefined;
    const rows = ({ source }: Key): Row[] => {
      const found = leads.flatMap((lead) => lead.rows({ source, key: lead.key }));
      return [...new Map(found.map((row) => [row.num, row])).values()].sort((a, b) => a.num - b.num);
    };
    return { rank: 7, exact: false, key: '', rows };
  }

  /** The index to go by, if a term has one. */
  function leadOf(term: Filter, kind: ResourceKind): Lead | undefined {
    const { byId, byExternalId, byName, byEmail, byMember, byTeam } = statements[kind];
    const lead = (rank: number, exact: boolean, statement: { all: (key: Key) => Row[] }, key: string): Lead => ({
      rank,
      exact,
      key,
      // Sorted here: a sorter in SQLite costs more than the look-up, and there is mostly one row.
      rows: (wanted) => statement.all(wanted).sort((a, b) => a.num - b.num),
    });
    if (term.kind === 'or') return leadOfAny(term.terms, kind);
    const { attribute, key } = equality(term) ?? {};
    if (key !== undefined) {
      if (attribute === 'id') return lead(0, true, byId, key);
      if (attribute === 'userName' && kind === 'User') return lead(1, true, byName, key);
      if (attribute === 'externalId') return lead(2, true, byExternalId, key);
      if (attribute === 'displayName' && kind === 'Group') return lead(3, true, byName, key);
    }
    const email = kind === 'User' ? entryKey(term, 'emails') : undefined;
    if (email !== undefined) return lead(4, false, byEmail, email.key);
    const group = kind === 'User' ? entryKey(term, 'groups') : undefined;
    if (group?.whole) return lead(5, true, byTeam, group.key);
    const member = kind === 'Group' ? entryKey(term, 'members') : undefined;
    return member?.whole ? lead(6, true, byMember, member.key) : undefined;
  }

  /** What the terms left over ask of a row. Whether somebody is in a group is asked of the index, not of the list. */
  function asks(terms: readonly Filter[], kind: ResourceKind, base?: string): (row: Row) => boolean {
    const ids: string[] = [];
    const rest: Filter[] = [];
    for (const term of terms) {
      const member = kind === 'Group' ? entryKey(term, 'members') : undefined;
      if (member?.whole) ids.push(member.key);
      else rest.push(term);
    }
    const wanted = { members: rest.some(mentioning('members')), groups: rest.some(mentioning('groups')) };
    const regard = { meta: rest.some(mentioning('meta')), digits: rest.some(counting), base };
    const holds = (row: Row): boolean => {
      const [resource] = stored(kind, [row], wanted).map((one) => lookedAt(one, regard));
      return rest.every((term) => matches(term, resource ?? {}));
    };
    return (row) =>
      ids.every((key) => statements.Group.hasMember.get({ num: row.num, key }) !== undefined) &&
      (rest.length === 0 || holds(row));
  }

  /** Everything of the source, in pages; others have their turn between two of them. */
  async function* pages(source: string, kind: ResourceKind, from: number): AsyncGenerator<readonly Row[]> {
    let after = from;
    for (;;) {
      const rows = statements[kind].after.all({ source, after, limit: pageSize });
      yield rows;
      if (rows.length < pageSize) return;
      after = rows.at(-1)?.num ?? after;
      await turn();
    }
  }

  /** Rows are skipped one by one, so a page behind the middle is read from the end. */
  function pageOf(source: string, kind: ResourceKind, offset: number, count: number): readonly Row[] {
    const { page, lastPage } = statements[kind];
    if (count <= 0) return [];
    const left = tally.of(source, kind) - offset - count;
    return offset <= left
      ? page.all({ source, count, offset })
      : lastPage.all({ source, count, offset: left }).reverse();
  }

  /** What is left to ask of a row, and the index to find the rows by, if there is one. */
  function plan(filter: Filter, kind: ResourceKind, base?: string) {
    const terms = conjuncts(filter);
    const best = bestOf(terms, kind);
    const rest = terms.filter((term) => term !== best?.term || !best.lead.exact);
    return { lead: best?.lead, holds: asks(rest, kind, base) };
  }

  /** Reads what may match, one by one. */
  async function readThrough(question: Question): Promise<Found> {
    const { source, kind, filter, base, order, after, wanted } = question;
    const { lead, holds } = filter ? plan(filter, kind, base) : { lead: undefined, holds: () => true };
    const page = order ? sorted(question, order) : inTurn(question);
    const take = (rows: readonly Row[]) => {
      for (const row of rows) if (holds(row)) page.take(row);
    };
    if (lead) take(lead.rows({ source, key: lead.key }));
    else
      for await (const rows of pages(source, kind, order ? 0 : (after?.num ?? 0))) {
        together(() => take(rows));
        if (after && page.full()) break;
      }
    const { rows, ...found } = page.found();
    return { ...found, resources: stored(kind, rows, wanted) };
  }

  /** A page in the order of creation, which is the order of reading. */
  function inTurn({ after, offset, count }: Question): Page {
    const rows: Row[] = [];
    let total = 0;
    return {
      take(row) {
        if (after && row.num <= after.num) return;
        if (total >= offset && rows.length < count) rows.push(row);
        total += 1;
      },
      full: () => total > offset + count,
      found() {
        const last = rows.at(-1);
        return { total, rows, last: last && { num: last.num, key: null }, more: total > offset + rows.length };
      },
    };
  }

  /** A page in another order: of what is read only places are kept, and never more than twice what the page may need. */
  function sorted({ source, kind, base, after, offset, count }: Question, order: Order): Page {
    if (offset + count > deepestSorted && tally.of(source, kind) > deepestSorted)
      throw new Malformed(
        'tooMany',
        `A sorted list is paged by startIndex up to ${deepestSorted} only; use "cursor", or a filter`,
      );
    const nothing = { members: false, groups: false };
    const needed = offset + count + 1;
    let places: Position[] = [];
    let total = 0;
    const best = () => places.sort(order.compare).slice(0, needed);
    return {
      take(row) {
        total += 1;
        const [resource] = stored(kind, [row], nothing).map((one) => lookedAt(one, { meta: order.wantsMeta, base }));
        const place = { num: row.num, key: order.keyOf(resource ?? {}) };
        if (after && order.compare(place, after) <= 0) return;
        places.push(place);
        if (places.length >= 2 * needed + pageSize) places = best();
      },
      full: () => false,
      found() {
        const behind = best().slice(offset);
        const shown = behind.slice(0, count);
        const nums = shown.map(({ num }) => num);
        const rows = new Map(
          statements[kind].byNums.all({ source, nums: JSON.stringify(nums) }).map((row) => [row.num, row]),
        );
        return {
          total,
          // Whoever was deleted while others had their turn is not shown any more.
          rows: nums.map((num) => rows.get(num)).filter((row) => row !== undefined),
          last: shown.at(-1),
          more: behind.length > count,
        };
      },
    };
  }

  return {
    /** `undefined` where there is none, or it is deleted, or another source's. */
    async get(source: string, kind: ResourceKind, id: string, wanted: Wanted): Promise<Stored | undefined> {
      const row = statements[kind].byId.get({ source, key: id });
      return row && stored(kind, [row], wanted)[0];
    },
    async find(question: Question): Promise<Found> {
      const { source, kind, filter, order, after, offset, count, wanted } = question;
      if (filter || order) return readThrough(question);
      return together(() => {
        const total = tally.of(source, kind);
        const rows = after
          ? statements[kind].after.all({ source, after: after.num, limit: count + 1 })
          : pageOf(source, kind, offset, Math.min(count, total - offset));
        const shown = rows.slice(0, count);
        const last = shown.at(-1);
        return {
          total,
          resources: stored(kind, shown, wanted),
          last: last && { num: last.num, key: null },
          more: after ? rows.length > count : offset + rows.length < total,
        };
      });
    },
  };
}

/** Every look-up there is, prepared once. The text is put together from the constants above only. */
function statementsOf(db: Database, kind: ResourceKind) {
  const table = tables[kind];
  const select = `SELECT ${table}.num, ${table}.id, body, version, created_at AS createdAt, modified_at AS modifiedAt`;
  const mine = `${table}.source = @source AND ${table}.${live[kind]}`;
  const nameKey = kind === 'User' ? 'user_name_key' : 'display_name_key';
  const by = (condition: string) => db.prepare<Key, Row>(`${select} FROM ${table} WHERE ${condition} AND ${mine}`);
  return {
    byId: by(`${table}.id = @key`),
    byExternalId: by('external_id = @key'),
    byName: by(`${nameKey} = @key`),
    byEmail: by(`num IN (SELECT person FROM person_email WHERE email_key = @key UNION ALL
                         SELECT num FROM person WHERE user_name_key = @key AND state <> 'deleted')`),
    byMember: by(`num IN (SELECT team FROM membership WHERE person = (SELECT num FROM person WHERE id = @key)
                          UNION ALL SELECT team FROM nesting WHERE child = (SELECT num FROM team AS t WHERE t.id = @key))`),
    byTeam: by('num IN (SELECT person FROM membership WHERE team = (SELECT num FROM team WHERE id = @key))'),
    hasMember: db.prepare<{ num: number; key: string }>(`
      SELECT 1 FROM membership WHERE team = @num AND person = (SELECT num FROM person WHERE id = @key)
      UNION ALL SELECT 1 FROM nesting WHERE team = @num AND child = (SELECT num FROM team WHERE id = @key)`),
    page: db.prepare<{ source: string; count: number; offset: number }, Row>(
      `${select} FROM ${table} WHERE ${mine} ORDER BY num LIMIT @count OFFSET @offset`,
    ),
    lastPage: db.prepare<{ source: string; count: number; offset: number }, Row>(
      `${select} FROM ${table} WHERE ${mine} ORDER BY num DESC LIMIT @count OFFSET @offset`,
    ),
    byNums: db.prepare<{ source: string; nums: string }, Row>(
      `${select} FROM json_each(@nums) CROSS JOIN ${table} ON ${table}.num = json_each.value WHERE ${mine}`,
    ),
    after: db.prepare<{ source: string; after: number; limit: number }, Row>(
      `${select} FROM ${table} WHERE ${mine} AND num > @after ORDER BY num LIMIT @limit`,
    ),
  };
}
