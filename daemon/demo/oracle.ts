/**
 * What access people should have, worked out from the providers' own directories and the drawn links, without the relay:
 * the story compares Steeple with this. Written the plain way on purpose, group by group.
 */
import type { Expected } from '../sandbox/ledger.ts';
import type { Link } from '../sandbox/people.ts';

/** By folded userName, `community role` lines, highest role only. Inactive people are absent. */
export function expectedAccess(expected: Expected, links: readonly Link[]): Map<string, string[]> {
  const groups = new Map(expected.groups.map((group) => [group.id, group]));
  const inside = (id: string, seen: Set<string>): void => {
    for (const member of groups.get(id)?.members ?? []) {
      if (seen.has(member)) continue;
      seen.add(member);
      if (groups.has(member)) inside(member, seen);
    }
  };
  const byName = new Map(expected.groups.map((group) => [group.displayName, group.id]));
  const roles = new Map<string, Map<string, string>>();
  // Contributors first, so that administrators overwrite them.
  for (const link of [...links].sort((a, b) => (a.role === b.role ? 0 : a.role === 'contributor' ? -1 : 1))) {
    const people = new Set<string>();
    inside(byName.get(link.displayName) ?? '', people);
    for (const id of people) roles.set(id, (roles.get(id) ?? new Map()).set(link.community, link.role));
  }
  return new Map(
    expected.users
      .filter(({ active }) => active)
      .map(({ id, userName }) => [
        userName.toLowerCase(),
        [...(roles.get(id) ?? [])].map(([community, role]) => `${community} ${role}`).sort(),
      ]),
  );
}

/** What differs between two sides, in words; empty when they agree. */
export function differences(
  should: ReadonlyMap<string, readonly string[]>,
  is: ReadonlyMap<string, readonly string[]>,
): string[] {
  const found: string[] = [];
  for (const name of [...new Set([...should.keys(), ...is.keys()])].sort()) {
    const a = (should.get(name) ?? []).join(', ');
    const b = (is.get(name) ?? []).join(', ');
    if (a !== b) found.push(`${name}: should have ${a || 'nothing'}, has ${b || 'nothing'}`);
  }
  return found;
}
