/** The plan: what enabling sync would do, or what is still to be done, before anything of it is done. */
import { Button, SegmentedControl, Tabs } from '@mantine/core';
import { IconEye, IconRefresh } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';
import { type Filter, isDraft, type Loaded, type MappingOf, usePlan } from '../plan.ts';
import { isOpen } from '../preflight.ts';
import { usePreflight } from '../readiness.ts';
import { stay, to, useRoute } from '../route.ts';
import { statusOf, useAnswer, useRelay } from '../store.ts';
import { Empty } from '../ui/empty.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Said } from '../ui/said.tsx';
import { Moment } from '../ui/words.tsx';
import { isSetUp } from './overview/setup.tsx';
import { Communities } from './preview/communities.tsx';
import { Compare } from './preview/compare.tsx';
import { DisableButton, TakeBackButton, TakingBack } from './preview/disable.tsx';
import { EnableButton } from './preview/enable.tsx';
import { ExportMenu } from './preview/export.tsx';
import { Gaps } from './preview/gaps.tsx';
import { Limits } from './preview/limits.tsx';
import { Operations } from './preview/operations.tsx';
import { PeopleOfPlan } from './preview/people.tsx';
import { Preflight } from './preview/preflight.tsx';
import classes from './preview/preview.module.css';
import { Sentence } from './preview/sentence.tsx';
import { Keep, Shelf } from './preview/shelf.tsx';
import { Strangers } from './preview/strangers.tsx';

export function Preview() {
  const { t } = useTranslation();
  const status = useRelay(statusOf);
  const { rest } = useRoute();
  const { loaded, failure, making, wanted, make, begin } = usePlan();
  const draft = useAnswer('mapping.draft', {}).value;
  const [place, before, after] = (rest ?? '').split('/');
  const ready = status !== undefined && isSetUp(status);

  // The first plan makes itself; after that it is the person who says when to look again.
  useEffect(() => {
    if (ready) void begin();
  }, [ready, begin]);

  if (status !== undefined && !ready)
    return (
      <Page title={t('nav.preview')} lead={t('preview.lead')}>
        <Empty
          icon={IconEye}
          title={t('preview.notYet')}
          action={
            <Button component="a" href={to('setup')}>
              {t('preview.toSetup')}
            </Button>
          }
        >
          {t('preview.notYetWhy')}
        </Empty>
      </Page>
    );
  const of = loaded !== undefined && isDraft(loaded.plan) ? 'draft' : 'published';
  if (place === 'plans' || (place === 'compare' && before !== undefined && after !== undefined))
    return (
      <Page title={t(place === 'plans' ? 'preview.plans' : 'compare')} lead={t('plans.lead')} fills>
        {place === 'plans' ? <Shelf /> : <Compare key={rest} before={before ?? ''} after={after ?? ''} />}
      </Page>
    );
  return (
    <Page
      title={t('nav.preview')}
      lead={t('preview.lead')}
      fills
      actions={
        <>
          {(draft?.exists === true || of === 'draft') && (
            <SegmentedControl
              aria-label={t('preview.of')}
              value={wanted ?? of}
              onChange={(value) => void make(value as MappingOf)}
              data={[
                { value: 'published', label: t('preview.ofPublished') },
                { value: 'draft', label: t('preview.ofDraft') },
              ]}
            />
          )}
          <Button
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={() => void make(of)}
            loading={making}
          >
            {t(loaded === undefined ? 'preview.make' : 'preview.again')}
          </Button>
          {status?.sync.state === 'on' ? (
            <DisableButton />
          ) : (
            <>
              <TakeBackButton />
              {loaded !== undefined && of === 'published' && <EnableButton loaded={loaded} waits={making} />}
            </>
          )}
        </>
      }
    >
      {failure !== undefined && <Problem failure={failure} />}
      <TakingBack />
      {of === 'draft' && (
        <Notice
          tone="note"
          title={t('preview.isDraft')}
          action={
            <Button component="a" variant="default" size="compact-xs" href={to('mapping')}>
              {t('preview.toMapping')}
            </Button>
          }
        >
          {t('preview.isDraftWhy')}
        </Notice>
      )}
      {loaded === undefined && failure !== undefined && <Unplanned />}
      {loaded === undefined && failure === undefined && <p role="status">{t('preview.making')}</p>}
      {loaded !== undefined && <Plan loaded={loaded} edition={draft?.edition} />}
    </Page>
  );
}

/** Where no plan can be made, because Steeple refuses or does not answer: what the pre-flight says is the way out. */
function Unplanned() {
  return <Preflight answer={usePreflight('')} plan={null} />;
}

const tabs = ['people', 'communities', 'operations', 'strangers', 'gaps', 'limits', 'preflight'] as const;
type Tab = (typeof tabs)[number];

/** `edition`: of the draft, as far as it is known. */
type Shown = Readonly<{ loaded: Loaded; edition: number | undefined }>;

function Plan({ loaded, edition }: Shown) {
  const { t } = useTranslation();
  const format = useFormat();
  const { rest } = useRoute();
  const setFilter = usePlan((state) => state.setFilter);
  const { plan } = loaded;
  // Once sync is on there is nothing to prepare any more.
  const off = useRelay((state) => state.status?.sync.state === 'off');
  const preflight = usePreflight(off ? plan.id : undefined);
  const shown = tabs.filter((name) => off || name !== 'preflight');
  const tab = shown.find((name) => name === rest) ?? 'people';
  const tripped = plan.limits.filter((limit) => limit.tripped).length;
  const counts: Readonly<Record<Tab, number | undefined>> = {
    people: plan.total.people,
    communities: plan.communities?.length,
    operations: plan.total.operations,
    strangers: plan.total.strangers ?? plan.strangers.length,
    gaps: plan.total.gaps,
    limits: tripped,
    preflight: preflight.value?.items.filter(isOpen).length,
  };
  const warns = (name: Tab) => (name === 'limits' || name === 'preflight') && (counts[name] ?? 0) > 0;
  const onPeople = (filter: Partial<Filter>) => {
    setFilter(filter);
    stay('preview', 'people');
  };
  return (
    <>
      <div className={classes.summary}>
        <div>
          <Sentence summary={plan.summary} people={plan.total.people} operations={plan.total.operations} />
          <Basis key={plan.id} loaded={loaded} edition={edition} />
        </div>
        <div className={classes.keeping}>
          <Keep key={plan.id} id={plan.id} small />
          <ExportMenu plan={plan.id} small />
          <Button component="a" variant="default" size="compact-xs" href={to('preview', 'plans')}>
            {t('preview.plans')}
          </Button>
        </div>
      </div>
      <Warnings
        warnings={plan.total.gaps === undefined ? plan.warnings : plan.warnings.filter((one) => !ofGaps.test(one))}
      />
      <Tabs
        value={tab}
        onChange={(value) => stay('preview', value ?? 'people')}
        classNames={{ root: classes.tabs ?? '', panel: classes.panel ?? '' }}
        keepMounted={false}
      >
        <Tabs.List aria-label={t('preview.tabs')}>
          {shown.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`preview.${name}`)}
              {counts[name] !== undefined && (
                <span className={classes.count} data-tone={warns(name) ? 'warn' : undefined}>
                  {format.number(counts[name])}
                </span>
              )}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="people">
          <PeopleOfPlan loaded={loaded} />
        </Tabs.Panel>
        <Tabs.Panel value="communities">
          <Communities loaded={loaded} onPeople={onPeople} />
        </Tabs.Panel>
        <Tabs.Panel value="operations">
          <Operations loaded={loaded} />
        </Tabs.Panel>
        <Tabs.Panel value="strangers">
          <Strangers loaded={loaded} />
        </Tabs.Panel>
        <Tabs.Panel value="gaps">
          <Gaps loaded={loaded} />
        </Tabs.Panel>
        <Tabs.Panel value="limits">
          <Limits loaded={loaded} onPeople={onPeople} />
        </Tabs.Panel>
        <Tabs.Panel value="preflight">
          <Preflight answer={preflight} plan={plan.id} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** What people lack has a list of its own. */
const ofGaps = /^\d+ (?:person|people) (?:(?:has|have) no (?:e-mail address|name)|(?:is|are) in no community)$/;

/** What the plan says of the mapping itself. One line where there are several, so that the list has room. */
function Warnings({ warnings }: Readonly<{ warnings: readonly string[] }>) {
  if (warnings.length === 0) return null;
  return (
    <Notice tone="warn">
      <ul className={classes.warnings}>
        {warnings.map((warning) => (
          <li key={warning}>
            <Said>{warning}</Said>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** What the plan was made from, and whether that is still how things are. */
function Basis({ loaded, edition }: Shown) {
  const { plan, madeAt, fromShelf } = loaded;
  const { t } = useTranslation();
  const format = useFormat();
  const make = usePlan((state) => state.make);
  const { basedOn } = plan;
  const again = () => void make(isDraft(plan) ? 'draft' : 'published');
  const older = useOlder(loaded, edition);
  const making = usePlan((state) => state.making);
  return (
    <p className={classes.basis}>
      <code>{plan.id}</code> · <Moment at={madeAt} />
      {fromShelf && ` (${t('preview.fromShelf')})`} ·{' '}
      {t('preview.basedOn', { journal: format.number(basedOn.journal), mapping: basedOn.mapping })}
      {basedOn.observedAt > 0 && (
        <>
          {' '}
          · {t('preview.read')} <Moment at={basedOn.observedAt} />
        </>
      )}
      {making && (
        <>
          {' '}
          · <span role="status">{t('preview.renewing')}</span>
        </>
      )}
      {older && !making && (
        <>
          {' '}
          <span className={classes.older}>
            {t('preview.older')}{' '}
            <button type="button" className={classes.inline} onClick={again}>
              {t('preview.again')}
            </button>
          </span>
        </>
      )}
    </p>
  );
}

/**
 * Whether what the plan was made from is otherwise by now: a push, another mapping or draft, another policy, a look at Steeple
 * that found something else. Neither a look that found what was known nor what people confirm or keep makes a plan old.
 */
function useOlder({ plan: { basedOn } }: Loaded, drafted: number | undefined): boolean {
  const status = useRelay(statusOf);
  if (status === undefined) return false;
  const { grounds, mapping, observed } = status;
  const { edition } = basedOn;
  // A draft's plan is of that draft, whichever version it was begun from.
  const isMapped = edition === undefined ? mapping.version === basedOn.mapping : (drafted ?? edition) <= edition;
  if (grounds === undefined || basedOn.observed === undefined)
    // Made by, or asked of, a version that does not say: when Steeple was read is all there is.
    return !isMapped || (observed.at ?? 0) > basedOn.observedAt;
  // The plan may be there before the status that goes with it, so what is earlier there is no change.
  return !isMapped || grounds.entry > basedOn.journal || grounds.observed > basedOn.observed;
}
