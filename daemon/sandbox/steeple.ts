/**
 * The sandbox: a local stand-in for one Steeple organization, over real HTTP. It lets everything be tried, shown and
 * tested with no account anywhere, and it judges the relay: it imports nothing of ours but contract/scim.ts, and reads
 * SCIM with the SCIMMY library, so that what the relay sends is understood by code we did not write.
 *
 *   SCIM                          under `scimUrl`, bearer `token`            scimmy.ts → received.ts
 *   GET /v1/communities           under `apiUrl`, bearer `apiToken`          Steeple's public API, paged as documented
 *   /administration/integrations  the page an administrator clicks, no login integrations.ts
 *   /administration/state, /api   the same by program, bearer `token`        administration.ts
 *
 * What the organization does with what it receives: organization.ts. Bad days on demand: faults.ts. What is kept across
 * restarts, and how firmly: snapshot.ts. Anyone who can reach the port can drive the page, so it listens on loopback by
 * default and refuses other web pages: Host allow-list there, no cross-origin form.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request, type RequestHandler } from 'express';
import { administration, type World } from './administration.ts';
import { clickRoutes } from './clicks.ts';
import { type FaultRules, faults as faultsOf } from './faults.ts';
import { type Community, type Organization, organization as organizationOf } from './organization.ts';
import { type Received, received } from './received.ts';
import {
  arrivalOf,
  bearer,
  isStale,
  lastDoor,
  noted,
  ownPagesOnly,
  sayJson,
  sayScim,
  served,
  ssoFirst,
} from './reception.ts';
import { records } from './records.ts';
import { type Desk, scimRouters } from './scimmy.ts';
import { savedIn, snapshot } from './snapshot.ts';

export type SandboxOptions = Readonly<{
  /** 127.0.0.1 unless said otherwise. */
  host?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** Whether SSO is configured from the start. It is, unless said otherwise. */
  sso?: boolean;
  /** Refuse what strict servers refuse: more than 100 member changes a PATCH, replacing members, ops that are capitalised
   * or without a path, filters other than eq and and. */
  strict?: boolean;
  /** A directory that keeps the organization across restarts (snapshot.ts). */
  data?: string;
  /** Whether people who are new to the organization get an invitation e-mail. Not, unless said otherwise. */
  invitations?: boolean;
  communities?: readonly Community[];
  /** Bearer of the SCIM address. Kept with `data`, else made up. */
  token?: string;
  /** Bearer of the public API. */
  apiToken?: string;
  faults?: FaultRules;
}>;

export type SandboxSteeple = Readonly<{
  scimUrl: string;
  token: string;
  /** `GET {apiUrl}/v1/communities`. */
  apiUrl: string;
  apiToken: string;
  /** The page a person opens. `state` and `api/…` lie beside it. */
  admin: string;
  /** Gives what is under way half a second, frees the port, writes the snapshot. */
  close(): Promise<void>;
}>;

const scimPath = '/api/scim/v2/aurore-industries';

const plausible: readonly Community[] = [
  { id: 'headquarters', name: 'Headquarters' },
  { id: 'finance', name: 'Finance' },
  { id: 'human-resources', name: 'Human Resources' },
  { id: 'it-support', name: 'IT Support' },
  { id: 'sales', name: 'Sales' },
  { id: 'lyon-plant', name: 'Lyon Plant' },
  { id: 'lille-warehouse', name: 'Lille Warehouse' },
  { id: 'works-council', name: 'Works Council' },
];

const secret = () => randomBytes(24).toString('base64url');

/** As Steeple documents it: `data[]{id,name}`, `meta.pagination{total,page,per_page}`, 20 a page unless asked. */
function listCommunities(organization: Organization): RequestHandler {
  const whole = (given: unknown, otherwise: number) => {
    const number = Number(given ?? otherwise);
    return Number.isInteger(number) && number >= 1 ? number : otherwise;
  };
  return (request, response) => {
    const page = whole(request.query.page, 1);
    const perPage = Math.min(whole(request.query.per_page, 20), 100);
    const all = organization.communities();
    const data = all.slice((page - 1) * perPage, page * perPage).map(({ id, name }) => ({ id, name }));
    response.json({ data, meta: { pagination: { total: all.length, page, per_page: perPage } } });
  };
}

export async function steeple(options: SandboxOptions = {}): Promise<SandboxSteeple> {
  const host = options.host ?? '127.0.0.1';
  const saved = savedIn(options.data);
  const token = options.token ?? saved?.token ?? secret();
  const apiToken = options.apiToken ?? saved?.apiToken ?? secret();

  const directory: Received = received(Date.now, randomUUID, (userIds) => organization.settle(userIds));
  const organization: Organization = organizationOf(directory, Date.now, randomUUID);
  const log = records(Date.now);
  const faults = faultsOf(options.faults);
  if (saved) {
    directory.load(saved.directory);
    organization.load(saved.organization);
  } else {
    organization.addCommunities(options.communities ?? plausible);
    organization.configureSso(options.sso ?? true);
  }
  if (saved && options.sso !== undefined) organization.configureSso(options.sso);
  if (options.invitations !== undefined) organization.invite(options.invitations);

  const kept = snapshot(options.data, () => {
    return { version: 1, token, apiToken, directory: directory.save(), organization: organization.save() };
  });
  const deskOf = (request: Request): Desk => ({
    store: directory,
    strict: options.strict ?? false,
    stale: isStale(request.res!),
    applied() {
      arrivalOf(request.res!).applied = true;
      kept.owe();
    },
  });

  const world: World = { directory, organization, log, faults };
  let origin = '';
  const scimUrl = () => `${origin}${scimPath}`;
  // A group of 20,000 that is PUT whole is about 1 MB.
  const body = express.json({ type: ['application/scim+json', 'application/json'], limit: '20mb' });

  const app = express().disable('x-powered-by').disable('etag');
  app.use(
    scimPath,
    noted(log, 'scim'),
    bearer(token, sayScim),
    ssoFirst(() => organization.settings.sso),
    served(faults, sayScim),
    body,
    ...scimRouters(() => origin, deskOf),
    lastDoor(sayScim),
  );
  app.get(
    '/v1/communities',
    noted(log, 'api'),
    bearer(apiToken, sayJson),
    served(faults, sayJson),
    listCommunities(organization),
  );
  app.use('/administration', ownPagesOnly(/^(127\.|localhost$|::1$)/.test(host)));
  app.use(
    '/administration',
    clickRoutes(world, () => ({ scimUrl: scimUrl(), token }), kept.owe),
  );
  app.use('/administration', bearer(token, sayJson), administration(world, kept.owe));
  app.use((_request, response) =>
    sayJson(response, 404, 'Nothing here. The SCIM URL is shown under Administration > Integrations'),
  );
  app.use(lastDoor(sayJson));

  const server = createServer({ keepAliveTimeout: 60_000 }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

  return {
    scimUrl: scimUrl(),
    token,
    apiUrl: origin,
    apiToken,
    admin: `${origin}/administration/integrations`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // Keep-alive clients that are between two requests would hold the port for a minute.
      const cut = setTimeout(() => server.closeAllConnections(), 500);
      await closed;
      clearTimeout(cut);
      kept.write();
    },
  };
}
