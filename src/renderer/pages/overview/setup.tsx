/** The way to a working sync, step by step, with what is done ticked off. It goes away once sync is on. */
import { Button } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Status } from '../../../../daemon/contract/status.ts';
import { to } from '../../route.ts';
import { Command } from '../../ui/command.tsx';
import { Panel } from '../../ui/page.tsx';
import classes from './overview.module.css';

type Step = Readonly<{ key: 'upstream' | 'source' | 'heard' | 'mapping' | 'enable'; done: boolean }>;

function stepsOf({ upstream, sources, mapping, sync }: Status): Step[] {
  const live = sources.filter(({ state }) => state === 'active');
  return [
    { key: 'upstream', done: upstream.url !== null && upstream.token },
    { key: 'source', done: live.length > 0 },
    { key: 'heard', done: live.some(({ lastSeenAt }) => lastSeenAt !== null) },
    { key: 'mapping', done: mapping.links > 0 },
    { key: 'enable', done: sync.state === 'on' },
  ];
}

/** Everything a plan needs is there. */
export const isSetUp = (status: Status): boolean => stepsOf(status).every(({ key, done }) => done || key === 'enable');

// A folder's name may hold a space, and what is copied must run as it is.
const quoted = (path: string): string => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);

export function Setup({ status }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const steps = stepsOf(status);
  const next = steps.find(({ done }) => !done)?.key;
  // Whoever switched sync off again has been through it.
  if (next === undefined || (status.sync.since !== null && isSetUp(status))) return null;
  const cli = (rest: string) => <Command line={`steeple-relay ${rest} --data ${quoted(status.data)}`} />;
  const help: Readonly<Record<Step['key'], ReactNode>> = {
    upstream: cli('upstream set --url SCIM_URL --token-stdin'),
    source: (
      <>
        {cli('source add --kind entra --name Entra')}
        {cli('source add --kind okta --name Okta')}
        <p className={classes.aside}>{t('setup.google')}</p>
      </>
    ),
    heard: null,
    mapping: (
      <>
        {cli('communities import communities.csv')}
        {cli('mapping import mapping.json')}
      </>
    ),
    enable: (
      <Button component="a" href={to('preview')}>
        {t('setup.toPreview')}
      </Button>
    ),
  };
  return (
    <Panel
      title={t('setup')}
      aside={
        <span className={classes.wayOn}>
          <span className={classes.aside}>
            {t('setup.done', { done: steps.filter(({ done }) => done).length, all: steps.length })}
          </span>
          {next !== 'enable' && (
            <Button component="a" size="compact-sm" href={to('setup')}>
              {t('setup.toWizard')}
            </Button>
          )}
        </span>
      }
    >
      <ol className={classes.steps}>
        {steps.map(({ key, done }, at) => (
          <li
            key={key}
            className={classes.step}
            data-state={done ? 'done' : key === next ? 'next' : 'later'}
            aria-current={key === next ? 'step' : undefined}
          >
            <span className={classes.number}>
              {done ? <IconCheck size={14} stroke={2.5} role="img" aria-label={t('setup.isDone')} /> : at + 1}
            </span>
            <div className={classes.stepWords}>
              <h3>{t(`setup.${key}`)}</h3>
              {key === next && (
                <>
                  <p>{t(`setup.${key}.how`)}</p>
                  {help[key]}
                </>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
