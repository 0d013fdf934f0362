/**
 * Records the dialogues of the simulated Entra and Okta with the relay's own door, and writes them as JSON beside this
 * file: `node test/dialogues/record.ts`, after a change of the simulators.
 *
 * What is kept of an answer is what that client looks at: Entra keeps ids and the values it sent, and reads no `meta`
 * and no address; Okta puts back what it read, so all of it counts. Recording again gives the same files: what differs
 * from one time to the next (ids, dates, random names, the password) is a place, or a constant.
 */
import diagnostics from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../daemon/contract/scim.ts';
import type { Exchange as Seen } from '../../daemon/sandbox/client.ts';
import { entra } from '../../daemon/sandbox/entra.ts';
import { okta } from '../../daemon/sandbox/okta.ts';
import type { Group, Person } from '../../daemon/sandbox/people.ts';
import { openDoor } from '../door.ts';
import { Dialogue, type Exchange } from './replay.ts';

const person = (index: number, givenName: string, familyName: string, more: Partial<Person> = {}): Person => ({
  id: `0f3c5a10-7b1d-4c52-9a60-00000000000${index}`,
  userName: `${givenName}.${familyName}@aldine.example`.toLowerCase(),
  displayName: `${givenName} ${familyName}`,
  givenName,
  familyName,
  email: `${givenName}.${familyName}@aldine.example`,
  locale: 'en-GB',
  title: 'Editor',
  department: 'Books',
  employeeNumber: `E-${index}`,
  active: true,
  ...more,
});
const [ada, ben, zoe] = [
  person(1, 'Ada', 'Byron', { managerId: '0f3c5a10-7b1d-4c52-9a60-000000000002' }),
  person(2, 'Ben', 'Okri'),
  person(3, 'Zoe', 'Kay', { displayName: 'Zoé “Zed” O’Kay', title: 'Éditrice' }),
] as const;
const group = (index: number, displayName: string, people: readonly Person[]): Group => ({
  id: `0f3c5a10-7b1d-4c52-9a60-0000000001${index}0`,
  displayName,
  people: people.map(({ id }) => id),
  groups: [],
});
const readers = group(1, 'Steeple Readers', [ada, ben]);
const editors = group(2, 'Steeple Editors', [ben]);

type Stage = Readonly<{ tenantUrl: string; concurrency: 1; onExchange: (seen: Seen) => void }>;
type Scene = Readonly<{
  client: string;
  scene: string;
  token: 'entra' | 'okta';
  play: (stage: Stage) => Promise<void>;
}>;

const dialects = [
  ['entra-default', 'default', 'Entra ID, default dialect'],
  ['entra-optscim', 'aadOptscim062020', 'Entra ID with aadOptscim062020 in the tenant URL'],
] as const;
const flavours = [
  ['okta-template', 'template', 'Okta, app of the integration network (PATCH), token without "Bearer"'],
  ['okta-wizard', 'wizard', 'Okta, app made by the integration wizard (PUT)'],
] as const;

const scenes: readonly (readonly [file: string, scene: Scene])[] = [
  ...dialects.flatMap(([file, dialect, client]): [string, Scene][] => {
    const open = (stage: Stage, people: readonly Person[], groups: readonly Group[]) =>
      entra({
        ...stage,
        secretToken: 'entra',
        dialect,
        directory: { people, groups },
        matching: ['userName', 'externalId'],
      });
    return [
      [
        `${file}-people`,
        {
          client,
          scene: 'People join, change, leave, come back and are deleted',
          token: 'entra',
          async play(stage) {
            const job = open(stage, [ada, ben, zoe], []);
            await job.testConnection();
            await job.initialCycle();
            job.updateUser(ada.id, { title: 'Chief editor', department: 'Rare books', email: 'ada@aldine.example' });
            job.renameUser(ada.id, 'Ada.Lovelace@aldine.example');
            job.updateUser(ada.id, { familyName: 'Lovelace', managerId: zoe.id });
            job.disableUser(ben.id);
            job.unassign(zoe.id);
            await job.incrementalCycle();
            job.enableUser(ben.id);
            job.reassign(zoe.id);
            await job.incrementalCycle();
            job.softDelete(ada.id);
            await job.incrementalCycle();
            job.hardDelete(ada.id);
            await job.incrementalCycle();
            job.addUser({ ...ada, id: '0f3c5a10-7b1d-4c52-9a60-000000000009' });
            await job.incrementalCycle();
            job.close();
          },
        },
      ],
      [
        `${file}-groups`,
        {
          client,
          scene: 'Groups are made, filled, nested, renamed, emptied and deleted',
          token: 'entra',
          async play(stage) {
            const job = open(stage, [ada, ben, zoe], [readers, editors]);
            await job.testConnection();
            await job.initialCycle();
            job.addMembers(readers.id, [zoe.id]);
            job.nest(readers.id, editors.id);
            job.removeMembers(editors.id, [ben.id]);
            job.renameGroup(editors.id, 'Steeple “Editors” & friends');
            await job.incrementalCycle();
            job.removeMembers(readers.id, [ada.id, ben.id]);
            await job.incrementalCycle();
            job.deleteGroup(editors.id);
            await job.incrementalCycle();
            job.close();
          },
        },
      ],
    ];
  }),
  ...flavours.flatMap(([file, flavour, client]): [string, Scene][] => {
    const open = (stage: Stage, people: readonly Person[], groups: readonly Group[]) =>
      okta({
        ...stage,
        secretToken: 'okta',
        flavour,
        header: flavour === 'template' ? 'bare' : 'bearer',
        directory: { people, groups },
      });
    return [
      [
        `${file}-people`,
        {
          client,
          scene: 'People are assigned, changed, deactivated and assigned again, and imported',
          token: 'okta',
          async play(stage) {
            const app = open(stage, [ada, ben, zoe], []);
            await app.testCredentials();
            await app.assignEveryone();
            await app.updateUser(ada.id, { familyName: 'Lovelace', displayName: 'Ada Lovelace' });
            await app.renameUser(ada.id, 'Ada.Lovelace@aldine.example');
            await app.deactivateUser(ben.id);
            await app.unassign(zoe.id);
            await app.reactivateUser(ben.id);
            await app.assign(zoe.id);
            await app.importAll();
            app.close();
          },
        },
      ],
      [
        `${file}-groups`,
        {
          client,
          scene: 'Groups are pushed, changed, pushed whole, renamed and unlinked',
          token: 'okta',
          async play(stage) {
            const app = open(stage, [ada, ben, zoe], [readers, editors]);
            await app.assignEveryone();
            await app.pushGroups();
            await app.addMembers(readers.id, [zoe.id]);
            await app.changeMembers(readers.id, { add: [], remove: [ada.id, ben.id] });
            await app.pushWholeGroup(readers.id);
            await app.renameGroup(readers.id, 'Steeple “Readers”');
            await app.updateUser(zoe.id, { displayName: 'Zoé Kay' });
            await app.unlinkGroup(editors.id, { deleteInTarget: true });
            await app.importAll();
            app.close();
          },
        },
      ],
    ];
  }),
];

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const guid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi;
const nobody = 'ffffffff-0000-4000-8000-000000000000';

/** Writes down what is exchanged, with places where values differ from one time to the next. */
function scribe(base: string, token: string) {
  const names = new Map<string, string>();
  const exchanges: Exchange[] = [];
  let usual: Record<string, string> = {};
  let sent: Record<string, string> = {};

  const onRequest = (message: unknown) => {
    const { rawHeaders } = (message as { request: IncomingMessage }).request;
    sent = {};
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const [name, value] = [rawHeaders[index]!, rawHeaders[index + 1]!];
      if (!/^(host|connection|content-length)$/i.test(name)) sent[name] = value.replace(token, '{{token}}');
    }
  };

  /** A place for each id the relay gave, as `user.ada.byron` or `group.steeple-readers`. */
  function learn({ id, userName, displayName }: JsonObject): void {
    if (typeof id !== 'string' || names.has(id)) return;
    const [kind, called] =
      typeof userName === 'string' ? ['user', userName.replace(/@.*/, '')] : ['group', displayName];
    const stem = `${kind}.${String(called)
      .toLowerCase()
      .replace(/[^a-z.]+/g, '-')}`;
    const again = [...names.values()].filter((name) => name === stem || name.startsWith(`${stem}.again`)).length;
    names.set(id, again === 0 ? stem : `${stem}.again`);
  }
  const text = (value: string): string =>
    value.replaceAll(base, '{{base}}').replace(guid, (found) => {
      const name = names.get(found);
      if (name !== undefined) return `{{${name}}}`;
      return found.startsWith('0f3c5a10') ? found : nobody;
    });
  function written(value: Json): Json {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(written);
    if (!isObject(value)) return value;
    const { meta, ...rest } = value;
    const out = Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, written(item)]));
    if ('password' in out) out.password = 'not a real password';
    if (!isObject(meta)) return out;
    const name = names.get(String(value.id));
    const of = (key: string) => (key === 'created' ? `{{${name}.created}}` : `{{${name}.modified.${versionOf(meta)}}}`);
    const dated = Object.entries(meta).map(([key, item]) => [
      key,
      name !== undefined && (key === 'created' || key === 'lastModified') ? of(key) : written(item),
    ]);
    return { ...out, meta: Object.fromEntries(dated) };
  }
  const versionOf = ({ version }: JsonObject): string => String(version).replace(/\D/g, '');

  function onExchange({ method, url, requestBody, status, responseBody }: Seen): void {
    const { 'Content-Type': type, ...headers } = sent;
    usual = { ...headers, ...(type !== undefined ? { 'Content-Type': type } : pick(usual, 'Content-Type')) };
    const resources = isObject(responseBody) ? (responseBody.Resources ?? [responseBody]) : [];
    for (const resource of Array.isArray(resources) ? resources : []) if (isObject(resource)) learn(resource);
    const body = isObject(responseBody) ? written(responseBody) : undefined;
    const path = url.slice(base.length);
    exchanges.push({
      method: method as Exchange['method'],
      path: text(path),
      ...(requestBody !== undefined && { body: written(requestBody) }),
      answer: { status, ...(isObject(body) && { body: lookedAt(body, path, requestBody) }) },
    });
  }

  /** What this client looks at, and what it must not find. */
  function lookedAt(body: JsonObject, path: string, request: JsonObject | undefined): JsonObject {
    const must = {
      ...(path.includes('excludedAttributes=members') && { members: null }),
      ...(request !== undefined && 'password' in request && { password: null }),
    };
    const one = (resource: JsonObject): JsonObject => {
      if (token === 'okta') return { ...resource, ...must };
      const { meta: _, groups: __, ...seen } = resource;
      return { ...seen, ...must };
    };
    if (!Array.isArray(body.Resources)) return one(body);
    return { ...body, Resources: body.Resources.map((item) => (isObject(item) ? one(item) : item)) };
  }

  return { onRequest, onExchange, exchanges, headers: () => usual };
}

const pick = (from: Record<string, string>, name: string) => (from[name] === undefined ? {} : { [name]: from[name] });

/** Plays every scene at a door of its own. */
export async function record(): Promise<ReadonlyMap<string, Dialogue>> {
  const recorded = new Map<string, Dialogue>();
  for (const [file, { client, scene, token, play }] of scenes) {
    const door = await openDoor();
    const pen = scribe(door.base, token);
    diagnostics.subscribe('http.server.request.start', pen.onRequest);
    try {
      await play({ tenantUrl: door.base, concurrency: 1, onExchange: pen.onExchange });
    } finally {
      diagnostics.unsubscribe('http.server.request.start', pen.onRequest);
      await door.close();
    }
    const source =
      token === 'entra'
        ? 'Recorded by record.ts from the simulated Entra (daemon/sandbox/entra.ts), whose shapes are those of the Entra documentation: "Develop and plan provisioning for a SCIM endpoint" and "Known issues and resolutions with SCIM 2.0 protocol compliance".'
        : 'Recorded by record.ts from the simulated Okta (daemon/sandbox/okta.ts), whose shapes are those of the Okta documentation: "SCIM 2.0 Protocol Reference" and "Understanding SCIM".';
    recorded.set(file, Dialogue.parse({ client, scene, source, headers: pen.headers(), exchanges: pen.exchanges }));
  }
  return recorded;
}

if (import.meta.main) {
  for (const [file, dialogue] of await record())
    writeFileSync(join(import.meta.dirname, `${file}.json`), `${JSON.stringify(dialogue, null, 2)}\n`);
}
