/** What an entry of the journal did to one person, in the dialects that pushes come in. */
import { expect, test } from 'vitest';
import type { JsonObject } from '../daemon/contract/scim.ts';
import { didInGroup, didTo } from '../daemon/core/happening.ts';

const patch = (...Operations: JsonObject[]): JsonObject => ({ method: 'PATCH', kind: 'User', body: { Operations } });
test.each<[string, JsonObject]>([
  ['created', { method: 'POST', body: { userName: 'ada', active: true } }],
  ['deleted', { method: 'DELETE' }],
  ['switched-off', patch({ op: 'Replace', path: 'active', value: 'False' })],
  ['switched-off', patch({ op: 'replace', value: { active: false } })],
  ['switched-on', patch({ op: 'replace', path: 'title', value: 'x' }, { op: 'replace', path: 'Active', value: true })],
  ['changed', patch({ op: 'replace', path: 'title', value: 'false' })],
  ['changed', patch()],
  ['switched-off', { method: 'PUT', body: { userName: 'ada', active: false } }],
  ['changed', { method: 'PUT', body: { userName: 'ada', active: true } }], // it says so every time
  ['changed', {}], // erased
])('a person was %s by %j', (did, push) => {
  expect(didTo(push)).toBe(did);
});

const group = (...Operations: JsonObject[]): JsonObject => ({ method: 'PATCH', kind: 'Group', body: { Operations } });
test.each<[string | null, JsonObject]>([
  ['joined', { method: 'POST', body: { displayName: 'Staff', members: [{ value: 'ada' }] } }],
  ['joined', group({ op: 'Add', path: 'members', value: [{ value: 'ben' }, { value: 'ada' }] })],
  ['left', group({ op: 'remove', path: 'members[value eq "ada"]' })],
  ['left', group({ op: 'Remove', path: 'members', value: [{ value: 'ada' }] })],
  [
    'joined',
    group({ op: 'remove', path: 'members[value eq "ada"]' }, { op: 'add', path: 'members', value: [{ value: 'ada' }] }),
  ],
  [
    'left',
    group({ op: 'add', path: 'members', value: [{ value: 'ada' }] }, { op: 'remove', path: 'members[value eq "ada"]' }),
  ],
  [null, group({ op: 'add', path: 'members', value: [{ value: 'adam' }] })],
  [null, group({ op: 'remove', path: 'members' })],
  [null, {}],
])('of a group’s push somebody %s: %j', (did, push) => {
  expect(didInGroup(push, 'ada')).toBe(did);
});
