/** Looking at one group. */
import type { Handlers } from '../contract/admin.ts';
import type { groupCalls } from '../contract/group.ts';
import type { GroupFiles } from '../store/groupfile.ts';

export function groupHandlers(files: GroupFiles, now: () => number): Pick<Handlers, keyof typeof groupCalls> {
  return {
    'group.show': ({ id }) => files.show(id, now()),
    'group.members': async (look) => {
      const { items, total } = await files.members(look);
      return { items: [...items], total };
    },
  };
}
