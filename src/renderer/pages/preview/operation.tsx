/** One operation of the plan: whom it is about, and why. Of a group, who enters it and who leaves it, each with their reasons. */
import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlanMember, PlanOperation } from '../../../../daemon/contract/plan.ts';
import { to } from '../../route.ts';
import { useAnswer, useKept } from '../../store.ts';
import { Filters } from '../../ui/filters.tsx';
import { More } from '../../ui/more.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Person } from './people.tsx';
import { Changes, PersonOfPlan, tones } from './person.tsx';
import classes from './preview.module.css';

const users = 'Users/';
const groups = 'Groups/';
const atFirst = 50;
/** A search that long finds whoever it names, and whoever has that name as a part of theirs: it is among the first. */
const namesakes = 20;

export function Operation({ plan, operation }: Readonly<{ plan: string; operation: PlanOperation }>) {
  const { resource, members, order, summary, said } = operation;
  if (resource.startsWith(users)) return <OfPerson plan={plan} userName={resource.slice(users.length)} />;
  return (
    <article className={classes.person}>
      <header>
        <h2>{resource.slice(groups.length)}</h2>
        <p>
          <Said by={said}>{summary}</Said>
        </p>
      </header>
      {members !== undefined && <Members plan={plan} order={order} {...members} />}
    </article>
  );
}

function OfPerson({ plan, userName }: Readonly<{ plan: string; userName: string }>) {
  const { value, failure } = useAnswer('plan.people', { id: plan, text: userName, limit: namesakes }, false);
  const person = value?.items.find((one) => one.userName === userName);
  if (failure !== undefined) return <Problem failure={failure} />;
  return person === undefined ? null : <PersonOfPlan person={person} />;
}

type MembersProps = Readonly<{ plan: string; order: number; enter: number; leave: number }>;
const sides = ['all', 'enters', 'leaves'] as const;

function Members({ plan, order, enter, leave }: MembersProps) {
  const { t } = useTranslation();
  const [side, setSide] = useState<(typeof sides)[number]>('all');
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(atFirst);
  const asked = useDeferredValue(text.trim());
  const question = { id: plan, order, text: asked, limit, ...(side !== 'all' && { side }) };
  const { value, failure } = useKept(useAnswer('plan.members', question, false));
  if (value === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  if (!value.told) return <p className={classes.rule}>{t('preview.membersUntold')}</p>;
  const counts = { all: enter + leave, enters: enter, leaves: leave };
  return (
    <section className={classes.community} aria-label={t('preview.members')}>
      {enter > 0 && leave > 0 && (
        <Filters
          label={t('preview.filter')}
          value={side}
          onChange={setSide}
          options={sides.map((one) => ({ value: one, label: t(`member.${one}`), count: counts[one] }))}
        />
      )}
      {(counts.all > atFirst || text !== '') && (
        <TextInput
          leftSection={<IconSearch size={14} aria-hidden />}
          aria-label={t('preview.search')}
          placeholder={t('preview.search')}
          maxLength={200}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          rightSection={text !== '' && <CloseButton size="xs" aria-label={t('clear')} onClick={() => setText('')} />}
        />
      )}
      {value.items.length === 0 && (
        <p className={classes.plain} role="status">
          {t('preview.noMatch')}
        </p>
      )}
      <ul className={classes.members}>
        {value.items.map((one) => (
          <Member key={`${one.side} ${one.person.personId}`} {...one} />
        ))}
      </ul>
      {value.items.length < value.total && (
        <More here={value.items.length} all={value.total} onMore={() => setLimit(limit + 200)} />
      )}
    </section>
  );
}

function Member({ side, person }: PlanMember) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const why = useId();
  const name = person.name || person.userName;
  return (
    <li>
      <div className={classes.member}>
        <Person name={person.name} userName={person.userName} />
        <Tag tone={side === 'enters' ? 'good' : 'risk'}>{t(`member.${side}`)}</Tag>
        <button
          type="button"
          className={classes.inline}
          aria-expanded={open}
          aria-controls={why}
          aria-label={t('preview.whyPerson', { name })}
          onClick={() => setOpen(!open)}
        >
          {t('preview.whyThis')}
        </button>
      </div>
      <div id={why} hidden={!open} className={classes.because}>
        {open && (
          <>
            {person.change !== 'none' && (
              <div className={classes.tags}>
                <Tag tone={tones[person.change]}>{t(`change.${person.change}`)}</Tag>
              </div>
            )}
            <Changes person={person} />
            {person.access.length === 0 && person.reason !== '' && (
              <p className={classes.plain}>
                <Said by={person.reasonSaid}>{person.reason}</Said>
              </p>
            )}
            <a href={to('people', person.userName)}>{t('preview.why')}</a>
          </>
        )}
      </div>
    </li>
  );
}
