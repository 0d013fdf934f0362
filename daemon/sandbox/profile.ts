/**
 * What of a person Entra sends, and where it goes: the attribute mapping of a custom application (Entra documentation,
 * "Customize application attributes"), the body of a create, and how a value is found again in an answer.
 *
 * What a person has no value for is never sent: Entra skips nulls. By value only; nothing is sent here.
 */
import { type JsonObject, urn } from '../contract/scim.ts';
import { isObject, type Resource } from './judge.ts';
import type { ExpectedUser } from './ledger.ts';
import type { Person } from './people.ts';

/** Values by path, as PATCH names them; `active` is the one that is a boolean. */
export type Profile = ReadonlyMap<string, string | boolean>;

const formatted = ({ givenName, familyName }: Person): string | undefined =>
  givenName === undefined || familyName === undefined ? undefined : `${givenName} ${familyName}`;

const workEmail = 'emails[type eq "work"].value';

const mapping: readonly (readonly [path: string, of: (person: Person) => string | undefined])[] = [
  ['userName', (person) => person.userName],
  ['externalId', (person) => person.id],
  ['displayName', (person) => person.displayName],
  ['title', (person) => person.title],
  [workEmail, (person) => person.email],
  ['name.givenName', (person) => person.givenName],
  ['name.familyName', (person) => person.familyName],
  ['name.formatted', formatted],
  [`${urn.enterprise}:employeeNumber`, (person) => person.employeeNumber],
  [`${urn.enterprise}:department`, (person) => person.department],
];

export function profileOf(person: Person, active: boolean): Profile {
  const profile = new Map<string, string | boolean>([['active', active]]);
  for (const [path, of] of mapping) {
    const value = of(person);
    if (value !== undefined) profile.set(path, value);
  }
  return profile;
}

/** The value a resource holds at one of a profile's paths. */
export function at(resource: Resource, path: string): unknown {
  if (path === workEmail) {
    const emails = Array.isArray(resource.emails) ? resource.emails.filter(isObject) : [];
    return emails.find(({ type }) => type === 'work')?.value;
  }
  const [holder, name] = path.startsWith(urn.enterprise)
    ? [resource[urn.enterprise], path.slice(urn.enterprise.length + 1)]
    : path.startsWith('name.')
      ? [resource.name, path.slice('name.'.length)]
      : [resource, path];
  return isObject(holder) ? holder[name] : undefined;
}

/** The body of `POST /Users`. A manager who is provisioned already comes along as a bare string, the service's id. */
export function newUser(person: Person, active: boolean, manager: string | undefined): JsonObject {
  const { id, userName, displayName, title, email, givenName, familyName, employeeNumber, department } = person;
  const name = formatted(person);
  return {
    schemas: [urn.user, urn.enterprise],
    externalId: id,
    userName,
    active,
    displayName,
    title,
    ...(email !== undefined && { emails: [{ primary: true, type: 'work', value: email }] }),
    meta: { resourceType: 'User' },
    ...(name !== undefined && { name: { formatted: name, familyName: familyName!, givenName: givenName! } }),
    roles: [],
    [urn.enterprise]: { employeeNumber, department, ...(manager !== undefined && { manager }) },
  };
}

/** A profile as the ledger keeps it. */
export function entryOf(id: string, profile: Profile): ExpectedUser {
  const text = (key: string, path: string) => {
    const value = profile.get(path);
    return typeof value === 'string' ? { [key]: value } : {};
  };
  return {
    id,
    userName: String(profile.get('userName')),
    active: profile.get('active') === true,
    ...text('externalId', 'externalId'),
    ...text('displayName', 'displayName'),
    ...text('givenName', 'name.givenName'),
    ...text('familyName', 'name.familyName'),
    ...text('email', workEmail),
  };
}
