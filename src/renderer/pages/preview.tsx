/** The plan: what enabling sync would do, or what is still to be done, before anything of it is done. */
import { Button, Tabs } from '@mantine/core';
import { IconEye, IconRefresh } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';
import { type Loaded, usePlan } from '../plan.ts';
import { to } from '../route.ts';
import { statusOf, useRelay } from '../store.ts';
import { Empty } from '../ui/empty.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Said } from '../ui/said.tsx';
import { Moment } from '../ui/words.tsx';
import { isSetUp } from './overview/setup.tsx';
import { Communities } from './preview/communities.tsx';
import { DisableButton, EnableButton } from './preview/enable.tsx';
import { Limits, Operations, Strangers } from './preview/lists.tsx';
import { PeopleOfPlan } from './preview/people.tsx';
import classes from './preview/preview.module.css';
import { Sentence } from './preview/sentence.tsx';

export function Preview() {
  const { t } = useTranslation();
  const status = useRelay(statusOf);
  const { loaded, failure, making, make } = usePlan();
  const ready = status !== undefined && isSetUp(status);

  // The first plan makes itself; after that it is the person who says when to look again.
  useEffect(() => {
    if (ready && usePlan.getState().loaded === undefined) void make();
  }, [ready, make]);

  if (status !== undefined && !ready)
    return (
      <Page title={t('nav.preview')} lead={t('preview.lead')}>
        <Empty
          icon={IconEye}
          title={t('preview.notYet')}
          action={
            <Button component="a" href={to('overview')}>
              {t('preview.toSetup')}
            </Button>
          }
        >
          {t('preview.notYetWhy')}
        </Empty>
      </Page>
    );
  return (
    <Page
      title={t('nav.preview')}
      lead={t('preview.lead')}
      fills
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={() => void make()}
            loading={making}
          >
            {t(loaded === undefined ? 'preview.make' : 'preview.again')}
          </Button>
          {status?.sync.state === 'on' ? <DisableButton /> : loaded !== undefined && <EnableButton loaded={loaded} />}
        </>
      }
    >
      {failure !== undefined && <Problem failure={failure} />}
      {loaded !== undefined && <Plan loaded={loaded} />}
    </Page>
  );
}

type Tab = 'people' | 'communities' | 'operations' | 'strangers' | 'limits';

function Plan({ loaded }: Readonly<{ loaded: Loaded }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const [tab, setTab] = useState<Tab>('people');
  const [community, setCommunity] = useState<string>();
  const { plan } = loaded;
  const tripped = plan.limits.filter((limit) => limit.tripped).length;
  const counts: Readonly<Record<Tab, number | undefined>> = {
    people: plan.total.people,
    communities: undefined,
    operations: plan.total.operations,
    strangers: plan.strangers.length,
    limits: tripped,
  };
  return (
    <>
      <div className={classes.summary}>
        <Sentence summary={plan.summary} people={plan.total.people} operations={plan.total.operations} />
        <Basis loaded={loaded} />
      </div>
      {plan.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          <Said>{warning}</Said>
        </Notice>
      ))}
      <Tabs
        value={tab}
        onChange={(value) => setTab((value ?? 'people') as Tab)}
        classNames={{ root: classes.tabs ?? '', panel: classes.panel ?? '' }}
        keepMounted={false}
      >
        <Tabs.List aria-label={t('preview.tabs')}>
          {(Object.keys(counts) as Tab[]).map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`preview.${name}`)}
              {counts[name] !== undefined && (
                <span className={classes.count} data-tone={name === 'limits' && tripped > 0 ? 'warn' : undefined}>
                  {format.number(counts[name])}
                </span>
              )}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="people">
          <PeopleOfPlan loaded={loaded} community={community} onCommunity={setCommunity} />
        </Tabs.Panel>
        <Tabs.Panel value="communities">
          <Communities
            loaded={loaded}
            onChoose={(chosen) => {
              setCommunity(chosen);
              setTab('people');
            }}
          />
        </Tabs.Panel>
        <Tabs.Panel value="operations">
          <Operations loaded={loaded} />
        </Tabs.Panel>
        <Tabs.Panel value="strangers">
          <Strangers strangers={plan.strangers} />
        </Tabs.Panel>
        <Tabs.Panel value="limits">
          <Limits limits={plan.limits} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** What the plan was made from, and whether that is still how things are. */
function Basis({ loaded: { plan, madeAt } }: Readonly<{ loaded: Loaded }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const status = useRelay(statusOf);
  const make = usePlan((state) => state.make);
  const { basedOn } = plan;
  const older =
    status !== undefined && (status.journal.pushes > 0 || status.mapping.version > 0)
      ? status.mapping.version !== basedOn.mapping || status.journal.entries !== basedOn.journal
      : false;
  return (
    <p className={classes.basis}>
      <code>{plan.id}</code> · <Moment at={madeAt} /> ·{' '}
      {t('preview.basedOn', { journal: format.number(basedOn.journal), mapping: basedOn.mapping })}
      {basedOn.observedAt > 0 && (
        <>
          {' '}
          · {t('preview.read')} <Moment at={basedOn.observedAt} />
        </>
      )}
      {older && (
        <>
          {' '}
          <span className={classes.older}>
            {t('preview.older')}{' '}
            <button type="button" className={classes.inline} onClick={() => void make()}>
              {t('preview.again')}
            </button>
          </span>
        </>
      )}
    </p>
  );
}
