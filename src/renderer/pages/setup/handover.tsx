/**
 * What is left to do by hand in Steeple, as a list that can be printed: where, what must match, which group goes to which
 * community and role. Steeple has no API for the links, so this page is as far as the relay goes.
 */
import { Button } from '@mantine/core';
import { IconExternalLink, IconPrinter } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommunityCard } from '../../../../daemon/contract/draft.ts';
import type { MappingView } from '../../../../daemon/contract/mapping.ts';
import type { Status } from '../../../../daemon/contract/status.ts';
import { addressOf } from '../../../preload/links.ts';
import { useFormat, useNow } from '../../format.ts';
import { openItems } from '../../preflight.ts';
import { to } from '../../route.ts';
import { type Answer, useAnswer, useRelay } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { Tag } from '../../ui/tag.tsx';
import { useRoleName } from '../../ui/words.tsx';
import { Checks } from '../preview/checks.tsx';
import { useVerdict } from '../preview/preflight.tsx';
import { Lead } from './lead.tsx';
import classes from './setup.module.css';

type Row = Readonly<{ key: string; group: string; community: string; role: string; people: number }>;

/** `Finance`, `administrator` → `Finance – Administrators`: how the relay names the group of a pair. */
export const pairName = (template: string, community: string, role: string): string => {
  const plural = `${role.charAt(0).toUpperCase()}${role.slice(1)}s`;
  return template.replace(/\{community\}|\{role\}/g, (slot) => (slot === '{role}' ? plural : community));
};

/** One row for each link that has to be clicked in Steeple, with how many people its group will hold there. */
export function rowsOf(mapping: MappingView, communities: readonly CommunityCard[]): Row[] {
  const names = new Map(communities.map(({ id, name }) => [id, name]));
  const nameOf = (id: string) => names.get(id) ?? id;
  const inRole = new Map(
    communities.flatMap(({ id, roles }) => roles.map(({ role, people }) => [JSON.stringify([id, role]), people])),
  );
  const rank = new Map(mapping.roles.map(({ id, rank }) => [id, rank]));
  const rows = new Map<string, Row>();
  for (const { source, groupId, group, community, role, people } of mapping.links) {
    const shared = { community: nameOf(community), role };
    if (mapping.mode === 'mirror') {
      const key = JSON.stringify([source, groupId, community, role]);
      rows.set(key, { key, group, people, ...shared });
    } else {
      const key = JSON.stringify([community, role]);
      rows.set(key, {
        key,
        group: pairName(mapping.nameTemplate, shared.community, role),
        people: inRole.get(key) ?? 0,
        ...shared,
      });
    }
  }
  return [...rows.values()].sort(
    (a, b) => a.community.localeCompare(b.community) || (rank.get(a.role) ?? 0) - (rank.get(b.role) ?? 0),
  );
}

type Props = Readonly<{ status: Status; preflight: Answer<'preflight.show'> }>;

export function Handover({ status, preflight }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const mapping = useAnswer('mapping.show', {}).value;
  const communities = useAnswer('mapping.communities', { of: 'published', limit: 10_000 }).value?.items;
  const rows = useMemo(
    () => (mapping === undefined || communities === undefined ? [] : rowsOf(mapping, communities)),
    [mapping, communities],
  );
  return (
    <>
      <Lead>{t('wizard.handover.lead')}</Lead>
      <Here status={status} preflight={preflight} />
      <div className={classes.handover}>
        <div className={classes.handoverHead}>
          <h3>{t('wizard.handover.list')}</h3>
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconPrinter size={13} aria-hidden />}
            onClick={() => window.print()}
          >
            {t('wizard.handover.print')}
          </Button>
        </div>
        <ol className={classes.clicks}>
          <Where upstream={status.upstream.url} />
          <Counts status={status} pairs={rows} mirror={mapping?.mode === 'mirror'} />
          <Click title={t('wizard.handover.link')} words={t('wizard.handover.linkWhy')}>
            {rows.length === 0 ? (
              <Empty icon={IconExternalLink} title={t('wizard.links.none')}>
                {t('wizard.handover.empty')}
              </Empty>
            ) : (
              <Pairs rows={rows} />
            )}
          </Click>
          <Click title={t('wizard.handover.then')} words={t('wizard.handover.thenWhy')} />
        </ol>
        <p className={classes.printed}>
          {t('wizard.handover.printed', { when: format.when(now), version: mapping?.version ?? 0 })}
        </p>
      </div>
    </>
  );
}

/** What has to be done here before anything is there to be clicked. */
function Here({ status: { sync }, preflight: { value, again } }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const verdict = useVerdict();
  if (sync.state === 'on')
    return (
      <Notice
        tone="good"
        title={t('wizard.handover.on', { when: sync.since === null ? '' : format.when(sync.since) })}
      />
    );
  return (
    <>
      <Notice
        tone={value?.ready ? 'good' : 'note'}
        title={t('wizard.handover.enable')}
        action={
          <Button component="a" href={to('preview', value?.ready ? 'people' : 'preflight')}>
            {t('wizard.handover.toPreview')}
          </Button>
        }
      >
        {value === undefined ? t('wizard.handover.enableWhy') : verdict(value)}
      </Notice>
      {value !== undefined && !value.ready && (
        <Panel title={t('preview.preflight')} flush>
          <Checks items={openItems(value)} plan={value.plan} again={again} />
        </Panel>
      )}
    </>
  );
}

function Where({ upstream }: Readonly<{ upstream: string | null }>) {
  const { t } = useTranslation();
  const bridge = useRelay((state) => state.bridge);
  const address = addressOf('steeple-integrations', upstream);
  return (
    <Click title={t('wizard.handover.goto', { where: 'Administration > Integrations' })}>
      {address === undefined ? (
        <p className={classes.aside}>{t('wizard.handover.unset')}</p>
      ) : (
        <div className={classes.setTo}>
          <code>{address}</code>
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => void bridge.open('steeple-integrations', upstream)}
            leftSection={<IconExternalLink size={13} aria-hidden />}
          >
            {t('integrations')}
          </Button>
        </div>
      )}
    </Click>
  );
}

function Counts({
  status: { sync, directory, observed },
  pairs,
  mirror,
}: Readonly<{ status: Status; pairs: readonly Row[]; mirror: boolean }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const memberships = pairs.reduce((sum, { people }) => sum + people, 0);
  const rows = [
    ['users', directory.active, observed.users],
    ['groups', mirror ? directory.groups : pairs.length, observed.groups],
    ['memberships', mirror ? directory.memberships : memberships, observed.memberships],
  ] as const;
  return (
    <Click title={t('wizard.handover.count')} words={t('wizard.handover.countWhy')}>
      <table className={classes.counts}>
        <thead>
          <tr>
            <td />
            <th scope="col">{t('wizard.handover.expected')}</th>
            <th scope="col">{t('wizard.handover.seen')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {rows.map(([what, expected, seen]) => (
            <tr key={what}>
              <th scope="row">{t(`wizard.handover.${what}`)}</th>
              <td>{format.number(expected)}</td>
              <td>{observed.at === null ? '–' : format.number(seen)}</td>
              <td>
                {sync.state === 'on' && observed.at !== null && (
                  <Tag tone={expected === seen ? 'good' : 'warn'}>
                    {t(expected === seen ? 'wizard.handover.match' : 'wizard.handover.differ')}
                  </Tag>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Click>
  );
}

function Pairs({ rows }: Readonly<{ rows: readonly Row[] }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const role = useRoleName();
  return (
    <table className={classes.pairs}>
      <thead>
        <tr>
          <th scope="col">
            <span className={classes.unseen}>{t('wizard.state.done')}</span>
          </th>
          <th scope="col">{t('wizard.handover.group')}</th>
          <th scope="col">{t('wizard.handover.community')}</th>
          <th scope="col">{t('wizard.handover.role')}</th>
          <th scope="col" className={classes.number}>
            {t('wizard.handover.people')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <td>
              <span className={classes.box} aria-hidden />
            </td>
            <th scope="row">{row.group}</th>
            <td>{row.community}</td>
            <td>{role(row.role)}</td>
            <td className={classes.number}>{format.number(row.people)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Click({ title, words, children }: Readonly<{ title: string; words?: string; children?: ReactNode }>) {
  return (
    <li>
      <h4>{title}</h4>
      {words !== undefined && <p>{words}</p>}
      {children}
    </li>
  );
}
