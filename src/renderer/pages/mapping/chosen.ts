/** What of the mapping is chosen: a group, one role of a community, or one link. */
import { type Drawn, groupKey } from '../../mapping.ts';
import type { Port } from './scene.ts';

export type Chosen =
  | Readonly<{ kind: 'group'; key: string }>
  | Readonly<{ kind: 'port'; key: string; community: string; role: string }>
  | Readonly<{ kind: 'link'; key: string; group: string }>;

export const ofGroup = (group: Readonly<{ source: string; id: string }>): Chosen => ({
  kind: 'group',
  key: groupKey(group),
});
export const ofPort = ({ key, community, role }: Port): Chosen => ({ kind: 'port', key, community, role });
export const ofLink = ({ key, source, groupId }: Drawn): Chosen => ({
  kind: 'link',
  key,
  group: groupKey({ source, id: groupId }),
});
