/**
 * What is chosen, and what a change would do, under the picture: always in the same place, so that nothing jumps while a
 * line is drawn. It is spoken as it changes, which is how somebody who cannot see the lines follows them.
 */
import { Button } from '@mantine/core';
import { IconLink, IconX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { GroupCard } from '../../../../daemon/contract/draft.ts';
import type { LinkKey } from '../../../../daemon/contract/mapping.ts';
import { bare, type Drawn, groupKey } from '../../mapping.ts';
import { useCommunityName, useSourceName } from '../../names.ts';
import { useAnswer } from '../../store.ts';
import { Tag } from '../../ui/tag.tsx';
import { Key, useRoleName } from '../../ui/words.tsx';
import type { Chosen } from './chosen.ts';
import { Effect } from './effect.tsx';
import classes from './mapping.module.css';
import type { Ends } from './scene.ts';

/** A change somebody is about to make: a link to be drawn, or one to be taken away. */
export type Thought = Readonly<{ how: 'draw' | 'cut'; link: LinkKey; already?: boolean }>;

type Props = Readonly<{
  chosen: Chosen | undefined;
  ends: Ends;
  groups: ReadonlyMap<string, GroupCard>;
  thought: Thought | undefined;
  onAsk(group: GroupCard): void;
  onChange(link: Drawn): void;
}>;

export function Strip({ chosen, ends, groups, thought, onAsk, onChange }: Props) {
  const { t } = useTranslation();
  // Over a button that takes a link away, what it would do is shown before it is pressed.
  const [cutting, setCutting] = useState<Drawn>();
  const cut: Thought | undefined = cutting && { how: 'cut', link: bare(cutting) };
  const meant = thought ?? cut;
  const chips = { groups, onChange, onThink: setCutting };
  return (
    <section className={classes.strip} aria-label={t('map.chosen')}>
      <div className={classes.stripChosen}>
        {chosen === undefined && (
          <p className={classes.hint}>
            {t('map.hint')}
            <br />
            <span className={classes.quiet}>{t('map.hintKeys')}</span>
          </p>
        )}
        {chosen?.kind === 'group' && (
          <OfGroup
            group={groups.get(chosen.key)}
            links={ends.byGroup.get(chosen.key) ?? []}
            onAsk={onAsk}
            chips={chips}
          />
        )}
        {chosen?.kind === 'port' && (
          <OfPort
            community={chosen.community}
            role={chosen.role}
            links={ends.byPort.get(chosen.key) ?? []}
            chips={chips}
          />
        )}
        {chosen?.kind === 'link' && (
          <OfLink
            links={(ends.byGroup.get(chosen.group) ?? []).filter(({ key }) => key === chosen.key)}
            chips={chips}
          />
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where there is much to say, and a keyboard must reach that */}
      <div className={classes.stripEffect} role="status" tabIndex={0}>
        {meant !== undefined && <Meant thought={meant} groups={groups} />}
      </div>
    </section>
  );
}

type Chips = Readonly<{
  groups: ReadonlyMap<string, GroupCard>;
  onChange(link: Drawn): void;
  onThink(link: Drawn | undefined): void;
}>;

function OfGroup({
  group,
  links,
  onAsk,
  chips,
}: Readonly<{ group: GroupCard | undefined; links: readonly Drawn[]; onAsk(group: GroupCard): void; chips: Chips }>) {
  const { t } = useTranslation();
  const sourceName = useSourceName();
  const communityName = useCommunityName();
  const role = useRoleName();
  if (group === undefined) return null;
  return (
    <>
      <div className={classes.stripTitle}>
        <h2>{group.name}</h2>
        <span className={classes.quiet}>
          {sourceName(group.source)} · {t('map.people', { count: group.people })}
          {group.direct !== group.people && ` (${t('map.nested', { direct: group.direct })})`}
        </span>
        {!group.live && <Tag tone="warn">{t('map.gone')}</Tag>}
        {group.live && (
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconLink size={13} aria-hidden />}
            onClick={() => onAsk(group)}
          >
            {t('map.link')}
            <Key name={t('map.linkKey')} />
          </Button>
        )}
      </div>
      {links.length === 0 ? (
        <p className={classes.quiet}>{t('map.chosen.noLinks')}</p>
      ) : (
        <ChipList label={t('map.chosen.gives')}>
          {links.map((link) => (
            <Chip key={link.key} link={link} {...chips}>
              {communityName(link.community)} <span className={classes.quiet}>{role(link.role)}</span>
            </Chip>
          ))}
        </ChipList>
      )}
    </>
  );
}

function OfPort({
  community,
  role,
  links,
  chips,
}: Readonly<{ community: string; role: string; links: readonly Drawn[]; chips: Chips }>) {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const roleName = useRoleName();
  return (
    <>
      <div className={classes.stripTitle}>
        <h2>
          {communityName(community)} <span className={classes.quiet}>{roleName(role)}</span>
        </h2>
      </div>
      {links.length === 0 ? (
        <p className={classes.quiet}>{t('map.chosen.nobody')}</p>
      ) : (
        <ChipList label={t('map.chosen.givenBy')}>
          {links.map((link) => (
            <Chip key={link.key} link={link} {...chips}>
              {nameOf(link, chips.groups)}{' '}
              <span className={classes.quiet}>{t('map.people', { count: link.people })}</span>
            </Chip>
          ))}
        </ChipList>
      )}
    </>
  );
}

function OfLink({ links, chips }: Readonly<{ links: readonly Drawn[]; chips: Chips }>) {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const role = useRoleName();
  const [link] = links;
  if (link === undefined) return null;
  return (
    <>
      <div className={classes.stripTitle}>
        <h2>
          {nameOf(link, chips.groups)} → {communityName(link.community)}{' '}
          <span className={classes.quiet}>{role(link.role)}</span>
        </h2>
      </div>
      <ChipList label={t('map.chosen.gives')}>
        <Chip link={link} {...chips}>
          {t('map.people', { count: link.people })}
        </Chip>
      </ChipList>
      {link.broken && <p className={classes.quiet}>{t('map.brokenWhy')}</p>}
    </>
  );
}

export const nameOf = (link: LinkKey, groups: ReadonlyMap<string, GroupCard>): string =>
  groups.get(groupKey({ source: link.source, id: link.groupId }))?.name ?? link.groupId;

function ChipList({ label, children }: Readonly<{ label: string; children: ReactNode }>) {
  return (
    <div className={classes.chips}>
      <span className={classes.quiet}>{label}</span>
      <ul aria-label={label}>{children}</ul>
    </div>
  );
}

function Chip({ link, groups, onChange, onThink, children }: Chips & Readonly<{ link: Drawn; children: ReactNode }>) {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const role = useRoleName();
  const removed = link.state === 'removed';
  const does = removed
    ? t('map.relink')
    : t('map.unlink', {
        group: nameOf(link, groups),
        community: communityName(link.community),
        role: role(link.role),
      });
  const think = removed ? undefined : () => onThink(link);
  return (
    <li className={classes.chip} data-state={link.broken ? 'broken' : link.state}>
      <span>{children}</span>
      {link.state !== 'there' && <Tag tone={removed ? 'risk' : 'good'}>{t(`map.state.${link.state}`)}</Tag>}
      {link.broken && <Tag tone="warn">{t('map.state.broken')}</Tag>}
      {link.rule !== null && <Tag>{t('map.state.rule', { rule: link.rule })}</Tag>}
      <button
        type="button"
        className={classes.chipButton}
        aria-label={does}
        title={does}
        onClick={() => {
          onThink(undefined);
          onChange(link);
        }}
        onPointerEnter={think}
        onPointerLeave={() => onThink(undefined)}
        onFocus={think}
        onBlur={() => onThink(undefined)}
      >
        {removed ? t('map.relink') : <IconX size={12} aria-hidden />}
      </button>
    </li>
  );
}

/** Asked for what is meant now; an older question's answer is not shown under a newer one's name. */
function Meant({ thought, groups }: Readonly<{ thought: Thought; groups: ReadonlyMap<string, GroupCard> }>) {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const role = useRoleName();
  const { how, link, already = false } = thought;
  const question = how === 'draw' ? { add: [link], limit: 6 } : { remove: [link], limit: 6 };
  const { value } = useAnswer('mapping.effect', already ? undefined : question, false);
  const words = {
    group: nameOf(link, groups),
    community: communityName(link.community),
    role: role(link.role),
  };
  return (
    <>
      <h3>{t(how === 'draw' ? 'map.effect.draw' : 'map.effect.cut', words)}</h3>
      {already ? (
        <p className={classes.quiet}>{t('map.effect.already')}</p>
      ) : value === undefined ? (
        <p className={classes.quiet}>{t('map.effect.asking')}</p>
      ) : (
        <Effect effect={value} few />
      )}
    </>
  );
}
