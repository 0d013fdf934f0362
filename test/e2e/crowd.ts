/**
 * A large company in a relay, fast: people and groups over SCIM from several connections, links by one mapping file, and
 * leavers that wait. For the benchmark of the page; the tests use the smaller company of stand.ts.
 */
import { by, type Stand } from './stand.ts';

export type Size = Readonly<{ users: number; groups: number; communities: number; links: number; held: number }>;

const given = ['Ada', 'Ben', 'Chloé', 'Dmitri', 'Elif', 'Marta', 'Noor', 'Olu', 'Annika', 'Marc'];
const family = ['Moreau', 'Okafor', 'Lindqvist', 'Nakamura', 'Haddad', 'García', 'Novák', 'Marchand', 'Byrne', 'Costa'];

export async function crowd(at: Stand, { users, groups, communities, links, held }: Size): Promise<void> {
  const places = Array.from({ length: communities }, (_, n) => ({ id: `community-${n}`, name: `Community ${n}` }));
  await at.steeple.communities(places);
  const { scimUrl, token, apiUrl, apiToken } = at.sandbox;
  await at.ask('upstream.set', { url: scimUrl, token, apiUrl, apiToken, by });
  await at.ask('communities.refresh', { by });
  const { id: source, tenantUrl, secretToken } = await at.ask('source.add', { kind: 'scim', name: 'Directory', by });
  const send = async (method: string, path: string, body: object): Promise<{ id: string }> => {
    const headers = { authorization: `Bearer ${secretToken}`, 'content-type': 'application/scim+json' };
    const response = await fetch(`${tenantUrl}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: string };
  };
  const people = await each(users, async (n) => {
    const name = { givenName: given[n % 10] ?? '', familyName: `${family[Math.floor(n / 10) % 10]} ${n}` };
    const userName = `person${n}@crowd.example`;
    const made = await send('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
      externalId: `person-${n}`,
      name,
      displayName: `${name.givenName} ${name.familyName}`,
      emails: [{ value: userName, primary: true, type: 'work' }],
      active: true,
    });
    return made.id;
  });
  const size = Math.max(1, Math.floor((users * 2) / groups)); // everybody is in two groups or so
  const teams = await each(groups, async (n) => {
    const members = Array.from({ length: size }, (_, k) => ({ value: people[(n * size + k) % users] }));
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
    return (await send('POST', '/Groups', { schemas, displayName: `Team ${n}`, externalId: `team-${n}`, members })).id;
  });
  const linked = Array.from({ length: links }, (_, n) => ({
    source,
    group: { id: teams[n % groups] },
    community: `community-${(n * 7 + Math.floor(n / groups)) % communities}`,
    role: n % 9 === 0 ? 'administrator' : 'contributor',
  }));
  await at.ask('mapping.import', { text: JSON.stringify({ version: 1, links: linked }), note: 'Crowd', by });
  await at.enable(1_800_000);
  await each(held, (n) =>
    send('PATCH', `/Users/${people[n]}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: false }],
    }),
  );
  await at.settled(1_800_000);
}

/** Does it so many times, sixteen at once, and gives the results in order. */
async function each<T>(count: number, does: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = new Array(count);
  let next = 0;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (next < count) {
        const n = next++;
        results[n] = await does(n);
      }
    }),
  );
  return results;
}
