/**
 * What of a person is sent to Steeple, and how two states of an account are compared.
 *
 * Pure. Steeple documents first name, last name and e-mail as what it synchronizes, beside `userName`, `active` and the
 * provider's `externalId`; so that is all that leaves. Everything else a provider pushes stays in the directory.
 */
import type { Json, JsonObject, PatchOperation } from '../contract/scim.ts';

/** `active` is not here: it changes only through the gate. Empty strings mean "not given". */
export type Account = Readonly<{
  userName: string;
  externalId: string;
  givenName: string;
  familyName: string;
  displayName: string;
  email: string;
}>;

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const object = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

/** The e-mail Steeple should write to: the primary one, else the work one, else the first. */
export function emailOf(emails: Json | undefined): string {
  const entries = (Array.isArray(emails) ? emails : []).map(object).filter((entry) => text(entry.value) !== '');
  const best =
    entries.find((entry) => entry.primary === true) ?? entries.find((entry) => entry.type === 'work') ?? entries[0];
  return text(best?.value);
}

/** Reads an account out of SCIM User attributes, ours or Steeple's. */
export function accountOf(body: JsonObject): Account {
  const name = object(body.name);
  return {
    userName: text(body.userName),
    externalId: text(body.externalId),
    givenName: text(name.givenName),
    familyName: text(name.familyName),
    displayName: text(body.displayName),
    email: emailOf(body.emails),
  };
}

const attributes: readonly (readonly [keyof Account, string])[] = [
  ['userName', 'userName'],
  ['externalId', 'externalId'],
  ['givenName', 'name.givenName'],
  ['familyName', 'name.familyName'],
  ['displayName', 'displayName'],
  ['email', 'emails'],
];

const emails = (email: string): Json => (email === '' ? [] : [{ value: email, type: 'work', primary: true }]);

/**
 * The PATCH operations that make `have` into `want`: none when they agree. What the directory does not give is left as
 * Steeple has it, so a provider that maps no displayName does not blank the one a person typed there.
 */
export function patchOf(want: Account, have: Account): PatchOperation[] {
  if (want === have) return []; // nearly everybody, once they are in Steeple
  return attributes.flatMap(([key, path]): PatchOperation[] => {
    if (want[key] === '' || want[key] === have[key]) return [];
    return [{ op: 'replace', path, value: key === 'email' ? emails(want.email) : want[key] }];
  });
}

/** What an account is after a PATCH of ours: the inverse of `patchOf`. `active` is not part of an account. */
export function patched(have: Account, patch: readonly PatchOperation[]): Account {
  const changes = patch.flatMap(({ path, value }): [keyof Account, string][] => {
    const key = attributes.find(([, at]) => at === path)?.[0];
    if (key === undefined) return [];
    return [[key, key === 'email' ? emailOf(value) : text(value)]];
  });
  return { ...have, ...Object.fromEntries(changes) };
}

/** The SCIM User to POST. */
export function resourceOf(want: Account): JsonObject {
  const name: JsonObject = {
    ...(want.givenName !== '' && { givenName: want.givenName }),
    ...(want.familyName !== '' && { familyName: want.familyName }),
  };
  return {
    userName: want.userName,
    ...(want.externalId !== '' && { externalId: want.externalId }),
    ...(Object.keys(name).length > 0 && { name }),
    ...(want.displayName !== '' && { displayName: want.displayName }),
    ...(want.email !== '' && { emails: emails(want.email) }),
    active: true,
  };
}
