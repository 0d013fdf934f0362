/**
 * The observer: reads Steeple from end to end, so that a plan compares with what is there now.
 *
 * Reads only. A list that is cut short or shrinks while it is read is no list: the scan fails, and what was observed
 * before stays, since acting on half a list would look like a mass removal.
 */
import type { GroupResource, UserResource } from './contract/scim.ts';
import { Unavailable } from './errors.ts';
import type { Page } from './reading.ts';
import type { Answer, Steeple } from './steeple.ts';
import type { Observing } from './store/observed.ts';
import type { Settings } from './store/settings.ts';

const pageSize = 100;

/** Where a scan puts what it reads, page by page. */
export type Keeper = Readonly<{
  seeUsers(users: readonly UserResource[]): Promise<void>;
  /** Members included. */
  seeGroups(groups: readonly GroupResource[]): Promise<void>;
}>;

/** Reads all of it. @throws Unavailable when Steeple cannot be read to the end, in words for the admin */
export async function readAll(steeple: Steeple, keeper: Keeper): Promise<void> {
  await everyPage<UserResource>('users', (start) => steeple.listUsers(start, pageSize), keeper.seeUsers);
  await everyPage<GroupResource>(
    'groups',
    (start) => steeple.listGroups(start, pageSize),
    async (groups) => keeper.seeGroups(await Promise.all(groups.map((group) => withMembers(group, steeple)))),
  );
}

export function observer(observed: Observing, settings: Settings, now: () => number) {
  let running: Readonly<{ of: Steeple; end: Promise<number> }> | undefined;

  async function scan(steeple: Steeple): Promise<number> {
    const at = now();
    await readAll(steeple, {
      seeUsers: (users) => observed.seeUsers(users, at),
      seeGroups: (groups) => observed.seeGroups(groups, at),
    });
    await observed.finish(at);
    settings.set('scannedAt', at);
    return at;
  }

  return {
    /**
     * One scan at a time; who asks while one of the same Steeple runs shares it. Gives when it began.
     * @throws Unavailable when Steeple cannot be read, in words for the admin
     */
    scan(steeple: Steeple): Promise<number> {
      if (running?.of === steeple) return running.end;
      const before = running?.end.catch(() => undefined);
      const mine = {
        of: steeple,
        end: (async () => {
          await before;
          return scan(steeple);
        })().finally(() => {
          if (running === mine) running = undefined;
        }),
      };
      running = mine;
      return mine.end;
    },
  };
}

/** Some servers leave members out of lists; a group without the attribute is read by itself. */
async function withMembers(group: GroupResource, steeple: Steeple): Promise<GroupResource> {
  if (group.members !== undefined && group.members !== null) return group;
  const answer = await steeple.readGroup(group.id);
  return answer.kind === 'ok' ? answer.value : failed('groups', answer);
}

async function everyPage<T extends { id: string }>(
  what: string,
  read: (startIndex: number) => Promise<Answer<Page<T>>>,
  keep: (items: readonly T[]) => Promise<void>,
): Promise<void> {
  const seen = new Set<string>();
  let most = 0;
  for (;;) {
    const answer = await read(seen.size + 1);
    if (answer.kind !== 'ok') return failed(what, answer);
    const { total, items } = answer.value;
    // What is removed meanwhile moves the rest to earlier places, so that somebody is on no page at all.
    if (total < most)
      throw new Unavailable(
        `Steeple said it had ${most} ${what}, and now ${total}: they changed while they were read. Nothing was concluded; try again.`,
      );
    most = total;
    const fresh = items.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    await keep(fresh);
    if (seen.size >= total) return;
    if (fresh.length === 0)
      throw new Unavailable(
        `Steeple says it has ${total} ${what}, and lists ${seen.size} of them. Nothing was concluded from this list.`,
      );
  }
}

function failed(what: string, answer: Exclude<Answer<unknown>, { kind: 'ok' }>): never {
  const detail = 'detail' in answer ? answer.detail : 'the address answers 404';
  throw new Unavailable(`Steeple's ${what} cannot be read: ${detail}`);
}
