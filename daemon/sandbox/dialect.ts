/**
 * How Entra words things: its queries, and the two dialects of its PATCH: the default one, and the one
 * `?aadOptscim062020` in the tenant URL asks for. One tenant can send both, since on-demand provisioning ignores the flag (Entra documentation, "Known issues and
 * resolutions with SCIM 2.0 protocol compliance").
 *
 * From differences to bodies, by value; nothing is sent here.
 */
import { type Json, type JsonObject, urn } from '../contract/scim.ts';

/** A query string. Entra writes a space as '+', which a server that only undoes %20 does not understand. */
export const ask = (query: Readonly<Record<string, string>>): string => new URLSearchParams(query).toString();

export type Dialect = 'default' | 'aadOptscim062020';

/** One attribute to set. `had`: the service holds another value for it; then it is replaced, else added. */
export type Change = Readonly<{ path: string; value: string | boolean; had: boolean }>;

const patch = (operations: Json[]): JsonObject => ({ schemas: [urn.patch], Operations: operations });

/** Sets attributes of a user or a group. */
export function setting(dialect: Dialect, changes: readonly Change[]): JsonObject {
  if (dialect === 'default') {
    // One operation for each, capitals, and booleans as text: "False".
    const text = (value: string | boolean): string => (typeof value === 'boolean' ? (value ? 'True' : 'False') : value);
    return patch(changes.map(({ path, value, had }) => ({ op: had ? 'Replace' : 'Add', path, value: text(value) })));
  }
  const alone = ({ path, value, had }: Change): JsonObject => ({ op: had ? 'replace' : 'add', path, value });
  const scalars = changes.filter(({ path, had }) => had && !path.includes('['));
  // Several scalars to replace travel in one operation without a path, under dotted or URN-qualified names.
  if (scalars.length < 2) return patch(changes.map(alone));
  const together = { op: 'replace', value: Object.fromEntries(scalars.map(({ path, value }) => [path, value])) };
  return patch([...changes.filter((change) => !scalars.includes(change)).map(alone), together]);
}

/** Adds members to a group: ids of users, or of groups inside it. */
export const adding = (dialect: Dialect, members: readonly string[]): JsonObject =>
  patch([
    {
      op: dialect === 'default' ? 'Add' : 'add',
      path: 'members',
      value: members.map((value) => ({ $ref: null, value })),
    },
  ]);

/** Removes them. The default dialect's form would, to the letter of RFC 7644 §3.5.2.2, empty the group. */
export const removing = (dialect: Dialect, members: readonly string[]): JsonObject =>
  dialect === 'default'
    ? patch([{ op: 'Remove', path: 'members', value: members.map((value) => ({ value })) }])
    : patch(members.map((value) => ({ op: 'remove', path: `members[value eq "${value}"]` })));

/** Names a user's manager: an array with one reference, or a bare string; servers have been sent both. */
export const reporting = (dialect: Dialect, manager: string, address: string, had: boolean): JsonObject =>
  dialect === 'default'
    ? patch([{ op: had ? 'Replace' : 'Add', path: 'manager', value: [{ $ref: address, value: manager }] }])
    : patch([{ op: had ? 'replace' : 'add', path: `${urn.enterprise}:manager`, value: manager }]);
