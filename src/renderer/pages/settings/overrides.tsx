/** Limits of their own for one source or one community; what is left empty is as for everybody. */
import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Policy } from '../../../../daemon/contract/policy.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName, useSourceName } from '../../names.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { AskWhy } from '../../ui/reasoned.tsx';
import { Section } from '../../ui/setting.tsx';
import classes from './settings.module.css';

const shapes = {
  sourceLimits: [
    ['limitPercent', 100],
    ['limitCap', 100_000],
    ['limitFloor', 100_000],
  ],
  communityLimits: [
    ['groupPercent', 100],
    ['groupOver', 100_000],
  ],
} as const;
type Key = keyof typeof shapes;
type Field = (typeof shapes)[Key][number][0];
type Limits = Readonly<Partial<Record<Field, number | undefined>>>;
type Save = (key: Key, value: Readonly<Record<string, Limits>>, reason: string) => Promise<Failure | undefined>;

export function Overrides({ policy, save }: Readonly<{ policy: Policy; save: Save }>) {
  const { t } = useTranslation();
  const sourceName = useSourceName();
  const communityName = useCommunityName();
  const sources = useRelay((state) => state.status?.sources) ?? [];
  const communities = useAnswer('communities.list', {}, false).value ?? [];
  const known = {
    sourceLimits: sources.map(({ id, name }) => ({ value: id, label: name })),
    communityLimits: communities.map(({ id, name }) => ({ value: id, label: name })),
  };
  const some = Object.keys(policy.sourceLimits).length + Object.keys(policy.communityLimits).length;
  return (
    <Section
      title={t('overrides.title')}
      lead={t('overrides.lead')}
      aside={
        <div className={classes.buttons}>
          {(Object.keys(shapes) as Key[]).map((key) => {
            const free = known[key].filter(({ value }) => !Object.hasOwn(policy[key], value));
            return free.length > 0 && <Change key={key} of={key} all={policy[key]} free={free} save={save} />;
          })}
        </div>
      }
    >
      {some === 0 && <p className={classes.plain}>{t('overrides.none')}</p>}
      {(Object.keys(shapes) as Key[]).flatMap((key) =>
        Object.keys(policy[key]).map((id) => (
          <One
            key={`${key} ${id}`}
            of={key}
            id={id}
            name={key === 'sourceLimits' ? sourceName(id) : communityName(id)}
            all={policy[key]}
            save={save}
          />
        )),
      )}
    </Section>
  );
}

type OneProps = Readonly<{ of: Key; id: string; name: string; all: Readonly<Record<string, Limits>>; save: Save }>;

function One({ of, id, name, all, save }: OneProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const limits = all[id] ?? {};
  const said = shapes[of].flatMap(([field]) => {
    const value = limits[field];
    if (value === undefined) return [];
    const shown = /Percent$/.test(field) ? format.percent(value / 100) : format.number(value);
    return [`${t(`policy.${field}`)}: ${shown}`];
  });
  return (
    <div className={classes.line}>
      <div>
        <span className={classes.name}>{name}</span> <span className={classes.quiet}>{t(`overrides.${of}`)}</span>
        <div className={classes.quiet}>{said.join(' · ')}</div>
      </div>
      <div className={classes.buttons}>
        <Change of={of} all={all} id={id} name={name} save={save} />
        <AskWhy
          small
          title={t('overrides.end.title', { name })}
          opens={t('quiet.end')}
          does={t('quiet.end.do')}
          act={({ reason }) => {
            const rest = Object.entries(all).filter(([other]) => other !== id);
            return save(of, Object.fromEntries(rest), reason);
          }}
        >
          <p>{t('overrides.end.words')}</p>
        </AskWhy>
      </div>
    </div>
  );
}

type ChangeProps = Readonly<{
  of: Key;
  all: Readonly<Record<string, Limits>>;
  save: Save;
  /** One that is there is changed; else one of `free` is chosen. */
  id?: string;
  name?: string;
  free?: readonly Readonly<{ value: string; label: string }>[];
}>;

function Change({ of, all, save, id, name, free = [] }: ChangeProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState('');
  const [typed, setTyped] = useState<Readonly<Partial<Record<Field, string>>>>({});
  const about = id ?? (chosen || (free[0]?.value ?? ''));
  const wrong = (field: Field, most: number): boolean => {
    const text = (typed[field] ?? '').trim().replace(',', '.');
    if (text === '') return false;
    const value = Number(text);
    return !(value >= 0 && value <= most && (/Percent$/.test(field) || Number.isInteger(value)));
  };
  const given = shapes[of].filter(([field]) => (typed[field] ?? '').trim() !== '');
  return (
    <AskWhy
      small={id !== undefined}
      title={name === undefined ? t(`overrides.add.${of}`) : t('overrides.change.title', { name })}
      opens={t(name === undefined ? `overrides.add.${of}` : 'externals.change')}
      does={t('save')}
      ready={about !== '' && given.length > 0 && !shapes[of].some(([field, most]) => wrong(field, most))}
      onOpen={() => {
        const now = id === undefined ? {} : (all[id] ?? {});
        setTyped(Object.fromEntries(Object.entries(now).map(([field, value]) => [field, String(value ?? '')])));
      }}
      act={({ reason }) => {
        const limits = given.map(([field]) => [field, Number((typed[field] ?? '').replace(',', '.'))]);
        return save(of, { ...all, [about]: Object.fromEntries(limits) }, reason);
      }}
    >
      {id === undefined && (
        <NativeSelect
          label={t(`overrides.${of}`)}
          value={about}
          data={[...free]}
          onChange={({ currentTarget }) => setChosen(currentTarget.value)}
        />
      )}
      <p>{t('overrides.words')}</p>
      {shapes[of].map(([field, most]) => (
        <TextInput
          key={field}
          label={t(`policy.${field}`)}
          inputMode="decimal"
          rightSection={/Percent$/.test(field) ? '%' : undefined}
          value={typed[field] ?? ''}
          error={wrong(field, most) ? t('policy.between', { least: 0, most }) : undefined}
          onChange={({ currentTarget }) => setTyped({ ...typed, [field]: currentTarget.value })}
        />
      ))}
    </AskWhy>
  );
}
