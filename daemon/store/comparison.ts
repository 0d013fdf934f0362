/**
 * Compares two plans on the shelf, person by person: whom only one of them changes, and whom they change in another way.
 *
 * Reads only. Every line of both is read, which takes seconds for 100,000 people, so it runs beside the relay's own thread;
 * what was found is remembered for the pages that follow.
 */
import type { PersonChange, PersonDifference, PlanComparison } from '../contract/plan.ts';
import type { Leafing, Paging } from './leafing.ts';

type Differences = Readonly<{
  sums: Readonly<Record<'added' | 'dropped' | 'changed' | 'same', number>>;
  /** Line numbers in the earlier and the later plan; -1 where it has none. By userName. */
  rows: readonly (readonly [before: number, after: number])[];
}>;
const linesAtOnce = 4096;
const remembered = 4;

export function comparison(pages: Pick<Leafing, 'people' | 'outline' | 'peopleAt'>) {
  const known = new Map<string, Differences>();

  function* linesOf(id: string): Generator<PersonChange> {
    for (let offset = 0; ; offset += linesAtOnce) {
      const { items } = pages.people(id, undefined, { offset, limit: linesAtOnce });
      yield* items;
      if (items.length < linesAtOnce) return;
    }
  }
  function differences(before: string, after: string): Differences {
    const key = `${before} ${after}`;
    const found = known.get(key);
    if (found) return found;
    // A digest would do, but two lines are the same just when their texts are, and most are short.
    const earlier = new Map<string, { at: number; text: string; name: string }>();
    let at = 0;
    for (const line of linesOf(before))
      earlier.set(line.personId, { at: at++, text: JSON.stringify(line), name: line.userName.toLowerCase() });
    const sums = { added: 0, dropped: 0, changed: 0, same: 0 };
    const rows: { name: string; row: readonly [number, number] }[] = [];
    at = 0;
    for (const line of linesOf(after)) {
      const one = earlier.get(line.personId);
      earlier.delete(line.personId);
      const here = at++;
      if (one?.text === JSON.stringify(line)) {
        sums.same += 1;
        continue;
      }
      if (one) sums.changed += 1;
      else sums.added += 1;
      rows.push({ name: line.userName.toLowerCase(), row: [one?.at ?? -1, here] });
    }
    for (const { at: line, name } of earlier.values()) {
      sums.dropped += 1;
      rows.push({ name, row: [line, -1] });
    }
    rows.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    const made: Differences = { sums, rows: rows.map(({ row }) => row) };
    known.set(key, made);
    const [oldest] = known.keys();
    if (known.size > remembered && oldest !== undefined) known.delete(oldest);
    return made;
  }

  return (before: string, after: string, { offset, limit }: Paging): Omit<PlanComparison, 'before' | 'after'> => {
    const { sums, rows } = differences(before, after);
    const heads = (id: string) => new Map((pages.outline(id).communities ?? []).map((one) => [one.community, one]));
    const [earlier, later] = [heads(before), heads(after)];
    const communities = [...new Set([...earlier.keys(), ...later.keys()])].sort().flatMap((community) => {
      const [was, is] = [earlier.get(community)?.after ?? 0, later.get(community)?.after ?? 0];
      const name = (later.get(community) ?? earlier.get(community))?.name ?? community;
      return was === is ? [] : [{ community, name, before: was, after: is }];
    });
    const people = rows.slice(offset, offset + limit).map(([was, is]): PersonDifference => {
      const [one, other] = [lineAt(before, was), lineAt(after, is)];
      const { userName = '', name = '', personId = '' } = other ?? one ?? {};
      return { userName, name, personId, before: one, after: other };
    });
    return { ...sums, communities, people, total: rows.length };
  };

  function lineAt(id: string, at: number): PersonChange | null {
    return at < 0 ? null : (pages.peopleAt(id, [at])[0] ?? null);
  }
}
