/** What happened, in order: what came in and was decided (journal), and what left for Steeple (deliveries). */
import { Button, Tabs } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Verified } from '../../../daemon/contract/journal.ts';
import type { Failure } from '../../preload/contract.ts';
import { useFormat } from '../format.ts';
import { stay, useRoute } from '../route.ts';
import { statusOf, useRelay } from '../store.ts';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Said } from '../ui/said.tsx';
import classes from './activity/activity.module.css';
import { Deliveries } from './activity/deliveries.tsx';
import { Journal } from './activity/journal.tsx';

type Tab = 'journal' | 'deliveries';

export function Activity() {
  const { t } = useTranslation();
  const format = useFormat();
  const { rest = '' } = useRoute();
  const status = useRelay(statusOf);
  const [tab, about] = rest.split('/') as [Tab | '', string | undefined];
  const open: Tab = tab === 'deliveries' ? 'deliveries' : 'journal';
  const dead = status?.deliveries.dead ?? 0;
  return (
    <Page title={t('nav.activity')} lead={t('activity.lead')} fills actions={<Verify />}>
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
        </Tabs.List>
        <Tabs.Panel value="journal">
          <Journal chosen={about === undefined ? undefined : Number(about)} />
        </Tabs.Panel>
        <Tabs.Panel value="deliveries">
          <Deliveries chosen={about === undefined ? undefined : Number(about)} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

/** Walks the whole chain of the journal, and says in words what it found. */
function Verify() {
  const { t } = useTranslation();
  const format = useFormat();
  const call = useRelay((state) => state.call);
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<Verified>();
  const [failure, setFailure] = useState<Failure>();

  async function verify(): Promise<void> {
    setBusy(true);
    setFound(undefined);
    setFailure(undefined);
    const reply = await call('journal.verify', {});
    if (reply.ok) setFound(reply.value);
    else setFailure(reply);
    setBusy(false);
  }

  return (
    <div className={classes.verify}>
      {failure !== undefined && <Problem failure={failure} />}
      {found?.ok && (
        <Notice tone="good" live="polite">
          {t('verify.good', { count: found.entries })}
        </Notice>
      )}
      {found !== undefined && !found.ok && (
        <Notice tone="risk" live="assertive" title={t('verify.bad', { seq: format.number(found.bad?.seq ?? 0) })}>
          <Said>{`${found.bad?.problem ?? ''}.`}</Said> {t('verify.badWhy')}
        </Notice>
      )}
      <Button
        variant="default"
        leftSection={<IconLink size={14} aria-hidden />}
        loading={busy}
        onClick={() => void verify()}
      >
        {t('verify')}
      </Button>
    </div>
  );
}
