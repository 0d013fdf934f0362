/** The same links as a table: for reading through, for who prefers rows to lines, and for a screen reader. */
import { useTranslation } from 'react-i18next';
import type { CommunityCard, GroupCard } from '../../../../daemon/contract/draft.ts';
import { useFormat } from '../../format.ts';
import type { Drawn } from '../../mapping.ts';
import { useSourceName } from '../../names.ts';
import { type Column, Grid } from '../../ui/grid.tsx';
import { Tag } from '../../ui/tag.tsx';
import { OneLine, useRoleName } from '../../ui/words.tsx';
import { type Chosen, ofLink } from './chosen.ts';
import classes from './mapping.module.css';
import { nameOf } from './strip.tsx';

type Props = Readonly<{
  links: readonly Drawn[];
  groups: ReadonlyMap<string, GroupCard>;
  communities: ReadonlyMap<string, CommunityCard>;
  severalSources: boolean;
  chosen: Chosen | undefined;
  onChoose(chosen: Chosen): void;
}>;

export function Table({ links, groups, communities, severalSources, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const role = useRoleName();
  const sourceName = useSourceName();
  const columns: Column<Drawn>[] = [
    {
      key: 'group',
      title: t('map.dialog.group'),
      width: 'minmax(0, 1.3fr)',
      cell: (link) => <OneLine>{nameOf(link, groups)}</OneLine>,
    },
    ...(severalSources
      ? [
          {
            key: 'source',
            title: t('map.rules.source'),
            width: '130px',
            cell: ({ source }: Drawn) => <OneLine quiet>{sourceName(source)}</OneLine>,
          },
        ]
      : []),
    {
      key: 'community',
      title: t('map.dialog.community'),
      width: 'minmax(0, 1fr)',
      cell: ({ community }) => <OneLine>{communities.get(community)?.name ?? community}</OneLine>,
    },
    { key: 'role', title: t('map.dialog.role'), width: '130px', cell: (link) => role(link.role) },
    {
      key: 'people',
      title: t('column.people'),
      width: '90px',
      align: 'end',
      cell: ({ people, state }) => (state === 'removed' ? '–' : format.number(people)),
    },
    {
      key: 'state',
      title: t('column.state'),
      width: '190px',
      cell: ({ state, broken, rule }) => (
        <span className={classes.tags}>
          {broken ? (
            <Tag tone="warn">{t('map.state.broken')}</Tag>
          ) : (
            <Tag tone={state === 'new' ? 'good' : state === 'removed' ? 'risk' : 'quiet'}>
              {t(`map.state.${state}`)}
            </Tag>
          )}
          {rule !== null && <Tag>{t('map.state.rule', { rule })}</Tag>}
        </span>
      ),
    },
  ];
  if (links.length === 0) return <p className={classes.nothing}>{t('map.noLink')}</p>;
  return (
    <Grid
      label={t('nav.mapping')}
      rows={links}
      columns={columns}
      keyOf={({ key }) => key}
      chosen={chosen?.kind === 'link' ? chosen.key : undefined}
      onChoose={(link) => onChoose(ofLink(link))}
    />
  );
}
