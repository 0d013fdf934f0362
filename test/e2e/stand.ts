/**
 * Where the page is tried: a real relay and a real sandbox Steeple, each a process of its own, and a company that Entra
 * pushes into them. Nothing here is simulated on the relay's side, and everything is taken down by `stop`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Ask, client } from '../../daemon/cli/client.ts';
import { organization } from '../../daemon/demo/organization.ts';
import { startRelay, startSandbox } from '../../daemon/demo/stage.ts';
import { type Entra, entra } from '../../daemon/sandbox/entra.ts';
import { type Company, company, type Person } from '../../daemon/sandbox/people.ts';

export const by = 'Ines Moreau';
export type Stand = Awaited<ReturnType<typeof stand>>;
export type Town = Readonly<{ company: Company; entra: Entra; staff: readonly Person[] }>;

export async function stand() {
  const data = mkdtempSync(join(tmpdir(), 'steeple-e2e-'));
  const sandbox = await startSandbox();
  let relay = await startRelay(data);
  const ask: Ask = client(data);
  const steeple = organization(sandbox.ready);
  const closing: (() => Promise<void>)[] = [];

  return {
    ask,
    steeple,
    data,
    /** The sandbox's place, for what only a person at Steeple can do. */
    sandbox: sandbox.ready,
    console: () => relay.ready.console,
    /** A fresh address that logs a browser in, once. */
    address: async () => (await ask('console.ticket', { by })).url,
    stopRelay: () => relay.stop(),
    /** Starts it again on the same data and the same console address, as a service manager would. */
    async startRelayAgain(): Promise<void> {
      const console = new URL(relay.ready.console).host;
      const args = ['daemon/cli.ts', 'start', '--data', data, '--scim', '127.0.0.1:0', '--console', console];
      const child = spawn(process.execPath, [...args, '--log-level', 'error'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      await once(createInterface(child.stdout), 'line');
      relay = {
        ready: relay.ready,
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    },

    /** Everything up to a plan: Steeple known, Entra has pushed, groups are linked. Sync is still off. */
    async populate(size: Readonly<{ users: number; groups: number; seed?: string; links?: number }>): Promise<Town> {
      const town = company({ ...size, seed: size.seed ?? 'aldine' });
      await steeple.communities(town.communities);
      const first = town.communities[0]?.id ?? '';
      const access = [{ community: first, role: 'contributor' }];
      const staff = ordinary(town);
      const [known] = staff;
      await steeple.seed([
        ...(known === undefined ? [] : [{ userName: known.userName, posts: ['Welcome'], access }]),
        { userName: 'former.intern@aldine.example', posts: ['My summer here'], access },
        { userName: 'agency@partner.example', external: true, access },
      ]);
      const { scimUrl, token, apiUrl, apiToken } = sandbox.ready;
      await ask('upstream.set', { url: scimUrl, token, apiUrl, apiToken, by });
      await ask('communities.refresh', { by });
      const source = await ask('source.add', { kind: 'entra', name: 'Entra ID', by });
      const pushing = entra({ ...source, directory: town, concurrency: 8 });
      closing.push(async () => pushing.close());
      await pushing.initialCycle();
      const links = town.links.slice(0, size.links).map(({ displayName, community, role }) => ({
        source: source.id,
        group: { displayName },
        community,
        role,
      }));
      await ask('mapping.import', { text: JSON.stringify({ version: 1, links }), note: 'First mapping', by });
      return { company: town, entra: pushing, staff };
    },

    async enable(withinMs?: number): Promise<void> {
      const { id } = await ask('plan.make', { limit: 1 });
      await ask('sync.enable', { plan: id, by });
      await settled(ask, withinMs);
    },

    /** What somebody does in Steeple behind the relay's back, by its own SCIM. */
    async scim(method: string, path: string, Operations: readonly object[]): Promise<void> {
      const headers = { authorization: `Bearer ${sandbox.ready.token}`, 'content-type': 'application/scim+json' };
      const body = JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations });
      const answer = await fetch(`${sandbox.ready.scimUrl}${path}`, { method, headers, body });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    },

    settled: (withinMs?: number) => settled(ask, withinMs),

    async stop(): Promise<void> {
      for (const close of closing) await close();
      await relay.stop();
      await sandbox.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** People with nothing special about them: active, with an address, who lead nothing. */
function ordinary({ cast, links, groups, people }: Company): Person[] {
  const parts = new Set(Object.values(cast));
  const led = new Set(links.filter(({ role }) => role === 'administrator').map(({ groupId }) => groupId));
  const leading = new Set(groups.filter(({ id }) => led.has(id)).flatMap((group) => group.people));
  return people.filter(({ id, active, email }) => active && email !== undefined && !parts.has(id) && !leading.has(id));
}

/** Until nothing is owed: no plan, and no delivery that could leave. */
async function settled(ask: Ask, withinMs = 120_000): Promise<void> {
  for (const until = Date.now() + withinMs; Date.now() < until; ) {
    const { owesPlan, deliveries } = await ask('status', {});
    if (owesPlan + deliveries.owed + deliveries.sending === 0) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('Something is still owed to Steeple in time');
}
