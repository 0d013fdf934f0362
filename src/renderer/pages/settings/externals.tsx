/** Accounts made by hand in Steeple on purpose: who answers for each, why, and when somebody should look at it again. */
import { Select, TextInput } from '@mantine/core';
import { IconUserQuestion } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { External } from '../../../../daemon/contract/plan.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { useAnswer, useKept, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { useDeclaring } from '../../ui/declaring.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Filters } from '../../ui/filters.tsx';
import { More } from '../../ui/more.tsx';
import { Problem } from '../../ui/problem.tsx';
import { AskWhy } from '../../ui/reasoned.tsx';
import { Section } from '../../ui/setting.tsx';
import { Tag } from '../../ui/tag.tsx';
import classes from './settings.module.css';

const step = 100;

export function Externals() {
  const { t } = useTranslation();
  const [show, setShow] = useState<'all' | 'due'>('all');
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(step);
  const asked = { text: useDeferredValue(text.trim()), due: show === 'due', limit };
  const { value, failure, again } = useKept(useAnswer('external.list', asked));
  if (value === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  const narrowed = text.trim() !== '' || show === 'due';
  return (
    <Section title={t('settings.externals')} lead={t('externals.lead')} aside={<Add onDone={again} />}>
      {(value.total > 0 || narrowed) && (
        <div className={classes.tools}>
          <Filters
            label={t('externals.filter')}
            value={show}
            onChange={setShow}
            options={[
              { value: 'all', label: t('externals.all') },
              { value: 'due', label: t('externals.due'), count: value.due },
            ]}
          />
          <TextInput
            className={classes.search}
            placeholder={t('externals.search')}
            aria-label={t('externals.search')}
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
        </div>
      )}
      {value.items.length === 0 &&
        (narrowed ? (
          <p className={classes.plain}>{t('preview.noMatch')}</p>
        ) : (
          <Empty icon={IconUserQuestion} title={t('externals.none')}>
            {t('externals.noneWhy')}
          </Empty>
        ))}
      {value.items.map((one) => (
        <One key={one.steepleId} one={one} onDone={again} />
      ))}
      {value.items.length < value.total && (
        <div className={classes.add}>
          <More here={value.items.length} all={value.total} onMore={() => setLimit(limit + 500)} />
        </div>
      )}
    </Section>
  );
}

function One({ one, onDone }: Readonly<{ one: External; onDone(): void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { steepleId, userName, owner, reviewAt, by, at, present, stranger, due } = one;
  return (
    <article className={classes.source} aria-label={userName}>
      <header>
        <h3>{userName}</h3>
        {due && <Tag tone="warn">{t('externals.isDue')}</Tag>}
        {!present && <Tag>{t('externals.gone')}</Tag>}
        {present && !stranger && <Tag tone="note">{t('externals.known')}</Tag>}
      </header>
      <div className={classes.buttons}>
        <Change one={one} onDone={onDone} />
        <AskWhy
          small
          title={t('externals.end.title', { name: userName })}
          opens={t('externals.end')}
          does={t('externals.end.do')}
          act={async (said) => {
            const reply = await useRelay.getState().call('external.withdraw', { steepleIds: [steepleId], ...said });
            onDone();
            return reply.ok ? undefined : reply;
          }}
        >
          <p>{t('externals.end.words')}</p>
        </AskWhy>
      </div>
      <div className={classes.sourceFacts}>
        {one.reason}
        <div className={classes.quiet}>
          {t('did.about', { what: t('externals.owner'), about: owner })} ·{' '}
          {t('did.about', {
            what: t('externals.again'),
            about: reviewAt === null ? t('externals.never') : format.when(reviewAt),
          })}{' '}
          · {t('externals.by', { name: by, when: format.when(at) })}
        </div>
      </div>
    </article>
  );
}

type Declared = Readonly<{ steepleIds: string[]; reason: string; owner: string; reviewAt: number | null }>;
async function declare(declared: Declared): Promise<Failure | undefined> {
  const { call, me } = useRelay.getState();
  const reply = await call('external.declare', { ...declared, by: me.trim() });
  return reply.ok ? undefined : reply;
}

function Change({ one, onDone }: Readonly<{ one: External; onDone(): void }>) {
  const { t } = useTranslation();
  const form = useDeclaring();
  return (
    <Ask
      small
      title={t('externals.change.title', { name: one.userName })}
      opens={t('externals.change')}
      does={t('save')}
      ready={form.ready}
      onOpen={() => form.begin(one)}
      act={async () => {
        const refused = await declare({ steepleIds: [one.steepleId], ...form.given });
        onDone();
        return refused;
      }}
    >
      {form.fields}
    </Ask>
  );
}

/** Out of the accounts that the newest plan found in Steeple and no source names. */
function Add({ onDone }: Readonly<{ onDone(): void }>) {
  const { t } = useTranslation();
  const form = useDeclaring();
  const [open, setOpen] = useState(false);
  const [account, setAccount] = useState<string | null>(null);
  const [text, setText] = useState('');
  const plan = useAnswer('plan.list', open ? { limit: 1 } : undefined, false);
  const id = plan.value?.items[0]?.id;
  const filter = useDeferredValue(text.trim());
  const ask = id === undefined ? undefined : { id, text: filter, limit: 50 };
  const found = useAnswer('plan.strangers', ask, false).value?.items ?? [];
  const free = found.filter(({ external, steepleId }) => !external || steepleId === account);
  return (
    <Ask
      title={t('externals.add.title')}
      opens={t('externals.add')}
      does={t('externals.add.do')}
      ready={account !== null && form.ready}
      onOpen={() => {
        setOpen(true);
        setAccount(null);
        form.begin();
      }}
      act={async () => {
        const refused = await declare({ steepleIds: [account ?? ''], ...form.given });
        onDone();
        return refused;
      }}
    >
      <p>{t('externals.add.words')}</p>
      {plan.value !== undefined && id === undefined ? (
        <p>
          {t('externals.noPlan')} <a href={to('preview')}>{t('drift.toPreview')}</a>
        </p>
      ) : (
        <Select
          label={t('externals.account')}
          required
          searchable
          value={account}
          data={free.map(({ steepleId, userName }) => ({ value: steepleId, label: userName }))}
          filter={({ options }) => options}
          onSearchChange={setText}
          nothingFoundMessage={t(filter === '' ? 'externals.noStrangers' : 'preview.noMatch')}
          onChange={setAccount}
        />
      )}
      {form.fields}
    </Ask>
  );
}
