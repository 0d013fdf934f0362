/** What happened, in order: what came in and was decided, what left for Steeple, what was changed there, and its proof. */
import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';
import { stay, useRoute } from '../route.ts';
import { statusOf, useRelay } from '../store.ts';
import { Page } from '../ui/page.tsx';
import classes from './activity/activity.module.css';
import { Chain } from './activity/chain.tsx';
import { Deliveries } from './activity/deliveries.tsx';
import { Drift } from './activity/drift.tsx';
import { Journal } from './activity/journal.tsx';
import { VerifyButton } from './activity/verify.tsx';

const tabs = ['journal', 'deliveries', 'drift', 'chain'] as const;

/** `#/activity/TAB/NUMBER`, or `#/activity/about/ID/NAME` for what the journal says of somebody. */
export function Activity() {
  const { t } = useTranslation();
  const format = useFormat();
  const { rest = '' } = useRoute();
  const status = useRelay(statusOf);
  const [tab = '', about, ...name] = rest.split('/');
  const open = tabs.find((one) => one === tab) ?? 'journal';
  const isAbout = tab === 'about' && about !== undefined;
  const chosen = isAbout || about === undefined ? undefined : Number(about);
  const { dead = 0 } = status?.deliveries ?? {};
  const drift = status?.drift?.open ?? 0;
  return (
    <Page
      title={t('nav.activity')}
      lead={t('activity.lead')}
      fills={open !== 'chain'}
      actions={open !== 'chain' && <VerifyButton archive={false} label={t('verify')} />}
    >
      <Tabs
        value={open}
        onChange={(value) => stay('activity', value ?? 'journal')}
        classNames={{ root: classes.tabs ?? '', panel: classes.panel ?? '' }}
        keepMounted={false}
      >
        <Tabs.List aria-label={t('nav.activity')}>
          <Tabs.Tab value="journal">
            {t('activity.journal')}
            <span className={classes.count}>{format.number(status?.journal.entries ?? 0)}</span>
          </Tabs.Tab>
          <Tabs.Tab value="deliveries">
            {t('activity.deliveries')}
            {dead > 0 && (
              <span className={classes.count} data-tone="risk">
                {t('activity.dead', { count: dead })}
              </span>
            )}
          </Tabs.Tab>
          <Tabs.Tab value="drift">
            {t('activity.drift')}
            {drift > 0 && (
              <span className={classes.count} data-tone="warn">
                {format.number(drift)}
              </span>
            )}
          </Tabs.Tab>
          <Tabs.Tab value="chain">{t('activity.chain')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="journal">
          <Journal chosen={chosen} about={isAbout ? about : ''} called={isAbout ? name.join('/') : ''} />
        </Tabs.Panel>
        <Tabs.Panel value="deliveries">
          <Deliveries chosen={chosen} />
        </Tabs.Panel>
        <Tabs.Panel value="drift">
          <Drift chosen={chosen} />
        </Tabs.Panel>
        <Tabs.Panel value="chain">
          <Chain />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
