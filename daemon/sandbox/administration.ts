/**
 * What an administrator of the sandbox organization can see and do by program: state, and the clicks of the Integrations
 * page as calls, for tests and for the demo's story. Bearer: the SCIM token. The page itself: integrations.ts.
 *
 *   GET  /administration/state[?parts=a,b]  everything the organization holds, or only the named parts:
 *        users[{id,userName,externalId,active,pushed}] groups[{id,displayName,externalId,members}] links access people posts
 *        invitations communities requests counts writes sync sso
 *   POST /administration/api/CALL, JSON in, `{"ok":true,…}` out; refused: 4xx `{"ok":false,"message":"…"}`
 *        people            {people:[{userName,email?,displayName?,external?,access?:[{community,role}],posts?:[title]}]}
 *        communities       {communities:[{id,name}]}          adds, or renames by id
 *        link | unlink     {group,community,role} | {group}   group: an id, or a displayName only one group has
 *        sync              {enabled}                          enabling needs SSO
 *        sso               {configured}
 *        invitations       {enabled}
 *        faults            {seed?,rules:[…]}                  replaces all rules; their shape: faults.ts
 *        support/reassign  {from,to}  → {posts:n}             invisible posts of a removed person, to a member
 *        requests/clear    {}                                 empties the request log and its counts
 *   GET  /administration/api/faults                           the rules, each with how often it fired
 */
import express, { type Router } from 'express';
import { z } from 'zod';
import { roles } from './accounts.ts';
import { FaultRules, type Faults } from './faults.ts';
import type { Organization } from './organization.ts';
import { isActive, type Received, userNameOf } from './received.ts';
import type { Records } from './records.ts';

export type World = Readonly<{ directory: Received; organization: Organization; log: Records; faults: Faults }>;

const name = z.string().min(1).max(500);
const pair = { community: name, role: z.enum(roles) };
const Person = z.strictObject({
  userName: name,
  email: name.optional(),
  displayName: name.optional(),
  external: z.boolean().optional(),
  access: z.array(z.strictObject(pair)).optional(),
  posts: z.array(z.string()).optional(),
});
export const Communities = z.array(z.strictObject({ id: name, name }));

const call = <I extends z.ZodType>(input: I, act: (world: World, given: z.infer<I>) => unknown) => ({
  input,
  act,
});
const calls = {
  people: call(z.strictObject({ people: z.array(Person) }), ({ organization }, { people }) =>
    organization.addPeople(people),
  ),
  communities: call(z.strictObject({ communities: Communities }), ({ organization }, { communities }) =>
    organization.addCommunities(communities),
  ),
  link: call(z.strictObject({ group: name, ...pair }), ({ organization }, { group, ...linked }) =>
    organization.link(group, linked),
  ),
  unlink: call(z.strictObject({ group: name }), ({ organization }, { group }) => organization.unlink(group)),
  sync: call(z.strictObject({ enabled: z.boolean() }), ({ organization }, { enabled }) =>
    organization.synchronize(enabled),
  ),
  sso: call(z.strictObject({ configured: z.boolean() }), ({ organization }, { configured }) =>
    organization.configureSso(configured),
  ),
  invitations: call(z.strictObject({ enabled: z.boolean() }), ({ organization }, { enabled }) =>
    organization.invite(enabled),
  ),
  faults: call(FaultRules, ({ faults }, given) => faults.set(given)),
  'support/reassign': call(z.strictObject({ from: name, to: name }), ({ organization }, { from, to }) => {
    return { posts: organization.reassign(from, to) };
  }),
  'requests/clear': call(z.strictObject({}), ({ log }) => log.clear()),
} as const;

/** Everything, or only the parts named; what is not asked for is not computed. */
export function stateOf({ directory, organization, log }: World, parts?: readonly string[]) {
  const held = organization.describe();
  const all: Record<string, () => unknown> = {
    users: () =>
      [...directory.users.all()].map((user) => {
        const externalId = user.attributes.externalId ?? null;
        return { id: user.id, userName: userNameOf(user), externalId, active: isActive(user), pushed: user.pushed };
      }),
    groups: () =>
      [...directory.groups.all()].map(({ id, displayName, externalId, members }) => {
        return { id, displayName, externalId: externalId ?? null, members: [...members] };
      }),
    ...Object.fromEntries(Object.entries(held).map(([part, value]) => [part, () => value])),
    requests: () => log.entries(),
    counts: () => ({ ...directory.counts(), ...log.counts() }),
    writes: () => log.counts().writes,
  };
  const wanted = Object.entries(all).filter(([part]) => parts === undefined || parts.includes(part));
  return Object.fromEntries(wanted.map(([part, show]) => [part, show()]));
}

/** `changed` is told after every call that may have changed what is kept. Callers are authenticated beforehand. */
export function administration(world: World, changed: () => void): Router {
  const router = express.Router();
  router.get('/state', (request, response) => {
    const { parts } = request.query;
    response.json(stateOf(world, typeof parts === 'string' ? parts.split(',') : undefined));
  });
  router.get('/api/faults', (_request, response) => {
    response.json({ ok: true, rules: world.faults.describe() });
  });
  for (const [path, { input, act }] of Object.entries(calls)) {
    router.post(`/api/${path}`, express.json({ type: () => true, limit: '20mb' }), (request, response) => {
      const given = input.safeParse(request.body ?? {});
      if (!given.success) {
        response.status(400).json({ ok: false, message: z.prettifyError(given.error) });
        return;
      }
      const answer = (act as (world: World, given: unknown) => unknown)(world, given.data);
      changed();
      response.json({ ok: true, ...Object(answer) });
    });
  }
  return router;
}
