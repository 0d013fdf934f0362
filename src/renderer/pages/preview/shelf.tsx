/**
 * The plans that were made: those kept by name, and the last fifty others. One can be opened and read as it was, kept,
 * written out; two can be compared.
 */
import { Button, TextInput } from '@mantine/core';
import { IconArrowLeft, IconArrowsDiff, IconBookmark } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlanRow } from '../../../../daemon/contract/plan.ts';
import { useFormat } from '../../format.ts';
import { usePaged } from '../../paged.ts';
import { usePlan } from '../../plan.ts';
import { to } from '../../route.ts';
import { useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Facts, Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Moment, OneLine } from '../../ui/words.tsx';
import { ExportMenu } from './export.tsx';
import classes from './preview.module.css';
import { Sentence } from './sentence.tsx';

/** What it would change in all: enough to tell two plans of a list apart. */
export const sizeOf = ({ summary }: PlanRow): number =>
  summary.create +
  summary.adopt +
  summary.update +
  summary.reactivate +
  summary.remove +
  summary.grants +
  summary.revokes +
  summary.roleChanges;

export function Back({ to: place }: Readonly<{ to: 'plan' | 'plans' }>) {
  const { t } = useTranslation();
  return (
    <div>
      <Button
        component="a"
        href={place === 'plan' ? to('preview') : to('preview', 'plans')}
        variant="subtle"
        color="gray"
        size="compact-xs"
        leftSection={<IconArrowLeft size={13} aria-hidden />}
      >
        {t(place === 'plan' ? 'plans.back' : 'compare.back')}
      </Button>
    </div>
  );
}

export function Shelf() {
  const { t } = useTranslation();
  const format = useFormat();
  const current = usePlan((state) => state.loaded?.plan.id);
  const [changed, setChanged] = useState(0);
  const { rows, failure, onRange } = usePaged('plan.list', {}, `${changed} ${current}`);
  const [chosen, setChosen] = useState<string>();
  const row = rows?.find((one) => one?.id === chosen);
  if (rows?.length === 0)
    return (
      <Empty icon={IconBookmark} title={t('plans.none')}>
        {t('plans.noneWhy')}
      </Empty>
    );
  return (
    <>
      <Back to="plan" />
      <Split
        list={
          <>
            <p className={classes.explain}>{t('plans.why')}</p>
            {failure !== undefined && <Problem failure={failure} />}
            <div className={classes.grow}>
              <Grid<PlanRow>
                label={t('preview.plans')}
                rows={rows ?? []}
                onRange={onRange}
                rowHeight={45}
                columns={[
                  {
                    key: 'name',
                    title: t('plans.plan'),
                    width: 'minmax(0, 4fr)',
                    cell: ({ id, name, note }) => (
                      <div className={classes.who}>
                        <span className={classes.name}>
                          <OneLine>{name || id}</OneLine>
                        </span>
                        {name !== '' && <OneLine quiet>{note || id}</OneLine>}
                      </div>
                    ),
                  },
                  { key: 'at', title: t('plans.made'), width: '132px', cell: ({ at }) => format.when(at) },
                  {
                    key: 'of',
                    title: t('plans.of'),
                    width: 'minmax(0, 2fr)',
                    cell: (one) => <Of row={one} />,
                  },
                  {
                    key: 'size',
                    title: t('plans.changes'),
                    width: '90px',
                    align: 'end',
                    cell: (one) => format.number(sizeOf(one)),
                  },
                  {
                    key: 'state',
                    title: t('column.state'),
                    width: '110px',
                    align: 'end',
                    cell: ({ id, name }) => (
                      <>
                        {name !== '' && <Tag tone="note">{t('plans.kept')}</Tag>}
                        {name === '' && id === current && <Tag>{t('plans.open')}</Tag>}
                      </>
                    ),
                  },
                ]}
                keyOf={({ id }) => id}
                chosen={chosen}
                onChoose={({ id }) => setChosen(id)}
              />
            </div>
          </>
        }
        detail={
          row === undefined ? (
            <Empty icon={IconBookmark} title={t('plans.choose')} />
          ) : (
            <OnePlan key={row.id} row={row} others={rows ?? []} onChanged={() => setChanged((count) => count + 1)} />
          )
        }
      />
    </>
  );
}

function Of({ row: { of, mapping } }: Readonly<{ row: PlanRow }>) {
  const { t } = useTranslation();
  return <>{t(of === 'draft' ? 'plans.draftOf' : 'plans.version', { version: mapping })}</>;
}

type OneProps = Readonly<{ row: PlanRow; others: readonly (PlanRow | undefined)[]; onChanged(): void }>;

function OnePlan({ row, others, onChanged }: OneProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const open = usePlan((state) => state.open);
  const { call } = useRelay.getState();
  const { id, name, note, keptBy, summary, strangers, at } = row;
  const rest = others.filter((one): one is PlanRow => one !== undefined && one.id !== id);
  return (
    <article className={classes.person}>
      <header>
        <h2>{name || id}</h2>
        {name !== '' && <p>{id}</p>}
      </header>
      <Sentence summary={summary} operations={0} />
      <Facts
        rows={[
          [t('plans.made'), <Moment key="at" at={at} />],
          [t('plans.of'), <Of key="of" row={row} />],
          [t('preview.strangers'), format.number(strangers)],
          ...(name === '' ? [] : ([[t('plans.keptBy'), keptBy ?? '']] as const)),
          ...(note === '' ? [] : ([[t('plans.note'), note]] as const)),
        ]}
      />
      <div className={classes.links}>
        <Button
          onClick={() =>
            void open(row).then((loaded) => {
              if (loaded !== undefined) location.hash = to('preview', 'people');
            })
          }
        >
          {t('plans.read')}
        </Button>
        <ExportMenu plan={id} />
        <Keep id={id} name={name} note={note} onDone={onChanged} />
        {name !== '' && (
          <Ask
            title={t('plans.release')}
            opens={t('plans.release')}
            does={t('plans.release')}
            act={async () => {
              const reply = await call('plan.release', { id, by: useRelay.getState().me.trim() });
              if (!reply.ok) return reply;
              onChanged();
              return undefined;
            }}
          >
            <p className={classes.plain}>{t('plans.releaseWhy', { name })}</p>
          </Ask>
        )}
      </div>
      {rest.length > 0 && (
        <section className={classes.community}>
          <h3 className={classes.small}>{t('plans.compare')}</h3>
          <p className={classes.quiet}>{t('plans.compareWhy')}</p>
          <ul className={classes.compares}>
            {rest.slice(0, 8).map((other) => {
              const [before, after] = other.at < at ? [other, row] : [row, other];
              return (
                <li key={other.id}>
                  <a className={classes.inline} href={to('preview', `compare/${before.id}/${after.id}`)}>
                    <IconArrowsDiff size={13} aria-hidden /> {other.name || other.id}
                  </a>{' '}
                  <span className={classes.userName}>{format.when(other.at)}</span>
                </li>
              );
            })}
          </ul>
        </section>
      )}
    </article>
  );
}

type KeepProps = Readonly<{ id: string; name?: string; note?: string; small?: boolean; onDone?(): void }>;

/** Gives a plan a name, by which it is kept for good. */
export function Keep({ id, name = '', note = '', small = false, onDone }: KeepProps) {
  const { t } = useTranslation();
  const { call } = useRelay.getState();
  const [called, setCalled] = useState(name);
  const [noted, setNoted] = useState(note);
  const words = t(name === '' ? 'plans.keep' : 'plans.rename');
  return (
    <Ask
      title={words}
      opens={words}
      does={t('save')}
      small={small}
      ready={called.trim() !== ''}
      onOpen={() => {
        setCalled(name);
        setNoted(note);
      }}
      act={async () => {
        const by = useRelay.getState().me.trim();
        const reply = await call('plan.keep', { id, name: called.trim(), note: noted.trim(), by });
        if (!reply.ok) return reply;
        onDone?.();
        return undefined;
      }}
    >
      <p className={classes.plain}>{t('plans.keepWhy')}</p>
      <TextInput
        label={t('plans.name')}
        placeholder={t('plans.nameLike')}
        required
        maxLength={100}
        value={called}
        onChange={({ currentTarget }) => setCalled(currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label={t('plans.note')}
        maxLength={1000}
        value={noted}
        onChange={({ currentTarget }) => setNoted(currentTarget.value)}
      />
    </Ask>
  );
}
