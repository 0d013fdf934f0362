/** One row of either column. They say in words what the lines show, so that the picture can be read without being seen. */
// biome-ignore-all lint/a11y/useFocusableInteractive: in a list box the focus moves by aria-activedescendant
import { IconAlertTriangle, IconUnlink } from '@tabler/icons-react';
import { memo, type PointerEvent } from 'react';
import type { CommunityCard, GroupCard } from '../../../../daemon/contract/draft.ts';
import { useFormat } from '../../format.ts';
import { useWords } from '../../i18n/tongue.ts';
import { Tag } from '../../ui/tag.tsx';
import { useRoleName } from '../../ui/words.tsx';
import classes from './mapping.module.css';
import type { Port } from './scene.ts';

type GroupProps = Readonly<{
  id: string;
  group: GroupCard;
  source: string | undefined;
  links: number;
  changed: boolean;
  broken: boolean;
  top: number;
  at: number;
  all: number;
  chosen: boolean;
  near: boolean;
  onChoose(group: GroupCard): void;
  onDraw(group: GroupCard, event: PointerEvent): void;
}>;

export const GroupRow = memo(function GroupRow(props: GroupProps) {
  const { id, group, source, links, changed, broken, top, at, all, chosen, near, onChoose, onDraw } = props;
  const t = useWords();
  const format = useFormat();
  const words = links === 0 ? t('map.linksNone') : t('map.links', { count: links });
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      aria-posinset={at + 1}
      aria-setsize={all}
      aria-label={t('map.option.group', {
        group: group.name,
        people: t('map.people', { count: group.people }),
        links: group.live ? words : `${words}, ${t('map.gone')}`,
      })}
      className={classes.group}
      data-near={near || undefined}
      data-gone={!group.live || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onChoose(group)}
      onPointerDown={(event) => onDraw(group, event)}
    >
      <span className={classes.groupName} title={group.name}>
        {group.name}
      </span>
      {broken && <IconAlertTriangle size={14} className={classes.warned} aria-hidden />}
      {changed && <span className={classes.changed} aria-hidden />}
      {source !== undefined && <span className={classes.sourceName}>{source}</span>}
      <span className={classes.number}>{format.number(group.people)}</span>
      <span className={classes.handle} data-linked={links > 0 || undefined} aria-hidden />
    </div>
  );
});

type HeadProps = Readonly<{ community: CommunityCard; top: number }>;

export const HeadRow = memo(function HeadRow({ community, top }: HeadProps) {
  const t = useWords();
  const format = useFormat();
  return (
    <div className={classes.community} style={{ transform: `translateY(${top}px)` }} aria-hidden="true">
      <span className={classes.communityName} title={community.name}>
        {community.name}
      </span>
      {community.state === 'missing' && <Tag tone="warn">{t('map.missing')}</Tag>}
      <span className={classes.number}>{format.number(community.people)}</span>
    </div>
  );
});

type PortProps = Readonly<{
  id: string;
  port: Port;
  community: string;
  links: number;
  changed: boolean;
  top: number;
  last: boolean;
  at: number;
  all: number;
  chosen: boolean;
  near: boolean;
  /** A line is held over it. */
  target: boolean;
  onChoose(port: Port): void;
}>;

export const PortRow = memo(function PortRow(props: PortProps) {
  const { id, port, community, links, changed, top, last, at, all, chosen, near, target, onChoose } = props;
  const t = useWords();
  const format = useFormat();
  const role = useRoleName()(port.role);
  const words = links === 0 ? t('map.linksNone') : t('map.links', { count: links });
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      aria-posinset={at + 1}
      aria-setsize={all}
      aria-label={t('map.option.port', {
        community,
        role,
        people: t('map.people', { count: port.people }),
        links: words,
      })}
      className={classes.port}
      data-near={near || undefined}
      data-target={target || undefined}
      data-last={last || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onChoose(port)}
    >
      <span className={classes.handle} data-linked={links > 0 || undefined} aria-hidden />
      <span className={classes.portRole}>{role}</span>
      {changed && <span className={classes.changed} aria-hidden />}
      {links === 0 ? (
        <IconUnlink size={13} className={classes.unlinked} aria-hidden />
      ) : (
        <span className={classes.portLinks}>{words}</span>
      )}
      <span className={classes.number}>{format.number(port.people)}</span>
    </div>
  );
});
