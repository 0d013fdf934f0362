/**
 * The sandbox organization as its administrator sees it: the clicks of the story, and what Steeple then holds. Every
 * number the story gives of Steeple is counted from here, never from the relay.
 */
import { z } from 'zod';
import type { SandboxReady } from './stage.ts';

const Pair = { community: z.string(), role: z.string() };
const State = z.object({
  users: z.array(z.object({ id: z.string(), userName: z.string(), active: z.boolean() })),
  groups: z.array(z.object({ id: z.string(), displayName: z.string(), members: z.array(z.string()) })),
  access: z.array(z.object({ userName: z.string(), ...Pair })),
  people: z.array(z.object({ userName: z.string(), origin: z.string(), member: z.boolean() })),
  posts: z.array(z.object({ author: z.string(), visible: z.boolean() })),
  writes: z.int(),
});
export type State = z.infer<typeof State>;
export type Seed = Readonly<{
  userName: string;
  external?: boolean;
  posts?: readonly string[];
  access?: readonly Readonly<{ community: string; role: string }>[];
}>;
export type Organization = ReturnType<typeof organization>;

export function organization({ admin, token }: Pick<SandboxReady, 'admin' | 'token'>) {
  const base = admin.replace(/integrations$/, '');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  async function click(call: string, body: object): Promise<void> {
    const answer = await fetch(`${base}api/${call}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`The sandbox refused ${call}: ${await answer.text()}`);
  }
  return {
    communities: (communities: readonly Readonly<{ id: string; name: string }>[]) =>
      click('communities', { communities }),
    seed: (people: readonly Seed[]) => click('people', { people }),
    link: (group: string, community: string, role: string) => click('link', { group, community, role }),
    enable: () => click('sync', { enabled: true }),
    sso: (configured: boolean) => click('sso', { configured }),
    async state(): Promise<State> {
      const parts = Object.keys(State.shape).join(',');
      const answer = await fetch(`${base}state?parts=${parts}`, { headers });
      return State.parse(await answer.json());
    },
  };
}

/** Access by folded userName, as `community role` lines: how two sides are compared. */
export function accessIn(state: State): Map<string, string[]> {
  const access = new Map<string, string[]>();
  for (const { userName, community, role } of state.access) {
    const key = userName.toLowerCase();
    access.set(key, [...(access.get(key) ?? []), `${community} ${role}`].sort());
  }
  return access;
}
