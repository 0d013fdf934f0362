/**
 * Accounts in Steeple that no source names: what Steeple will do to each, and a choice. Declared external, it is no surprise
 * any more; left, it loses its access once synchronization is on in Steeple. Either way nothing is written to it (P3).
 */
import { Checkbox, CloseButton, TextInput } from '@mantine/core';
import { IconGhost, IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Stranger } from '../../../../daemon/contract/plan.ts';
import { useCommunityName } from '../../names.ts';
import { usePaged } from '../../paged.ts';
import type { Loaded } from '../../plan.ts';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { OneLine, useRoleName } from '../../ui/words.tsx';
import { ExternalForm, type Fate, fateOf } from './external.tsx';
import classes from './preview.module.css';

const tones: Readonly<Record<Fate, Tone>> = { 'loses-access': 'risk', kept: 'note', none: 'quiet' };
/** As many as the relay takes at once. */
const mostAtOnce = 1000;

export function Strangers({ loaded }: Readonly<{ loaded: Loaded }>) {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const role = useRoleName();
  const [text, setText] = useState('');
  const asked = useDeferredValue(text.trim());
  const [decided, setDecided] = useState(0);
  const { id, total } = loaded.plan;
  const { rows, list, failure, onRange } = usePaged(
    'plan.strangers',
    { id, ...(asked !== '' && { text: asked }) },
    decided,
  );
  const [chosen, setChosen] = useState<Stranger>();
  const [ticked, setTicked] = useState<ReadonlyMap<string, Stranger>>(new Map());
  if ((total.strangers ?? 0) === 0)
    return (
      <Empty icon={IconGhost} title={t('preview.noStrangers')}>
        {t('preview.noStrangersWhy')}
      </Empty>
    );
  const tick = (one: Stranger) => {
    const next = new Map(ticked);
    if (!next.delete(one.steepleId) && next.size < mostAtOnce) next.set(one.steepleId, one);
    setTicked(next);
  };
  const about = ticked.size > 0 ? [...ticked.values()] : chosen === undefined ? [] : [chosen];
  // What was said of them a moment ago is in the list again, not in the row that was clicked.
  const now = about.map((one) => rows?.find((row) => row?.steepleId === one.steepleId) ?? one);
  return (
    <Split
      list={
        <>
          <p className={classes.explain}>{t('preview.strangersWhy')}</p>
          <div className={classes.tools}>
            <TextInput
              className={classes.search}
              leftSection={<IconSearch size={14} aria-hidden />}
              placeholder={t('preview.searchAccounts')}
              aria-label={t('preview.searchAccounts')}
              maxLength={200}
              value={text}
              onChange={({ currentTarget }) => setText(currentTarget.value)}
              rightSection={
                text !== '' && <CloseButton size="xs" aria-label={t('clear')} onClick={() => setText('')} />
              }
            />
            {ticked.size > 0 && (
              <span className={classes.found} role="status">
                {t('preview.ticked', { count: ticked.size })}{' '}
                <button type="button" className={classes.inline} onClick={() => setTicked(new Map())}>
                  {t('preview.untick')}
                </button>
              </span>
            )}
          </div>
          {failure !== undefined && <Problem failure={failure} />}
          {rows?.length === 0 ? (
            <Empty icon={IconSearch} title={t('preview.noMatch')}>
              {t('preview.noMatchAccount')}
            </Empty>
          ) : (
            <div className={classes.grow}>
              <Grid<Stranger>
                key={list}
                label={t('preview.strangers')}
                rows={rows ?? []}
                onRange={onRange}
                columns={[
                  {
                    key: 'tick',
                    title: t('preview.ticks'),
                    bare: true,
                    width: '22px',
                    cell: (row) => (
                      <Checkbox
                        aria-label={t('preview.tick', { name: row.userName })}
                        checked={ticked.has(row.steepleId)}
                        onChange={() => tick(row)}
                        onClick={(event) => event.stopPropagation()}
                      />
                    ),
                  },
                  {
                    key: 'userName',
                    title: t('column.account'),
                    width: 'minmax(0, 3fr)',
                    cell: ({ userName }) => <OneLine>{userName}</OneLine>,
                  },
                  {
                    key: 'access',
                    title: t('column.access'),
                    width: 'minmax(0, 3fr)',
                    cell: ({ access }) => (
                      <OneLine quiet>
                        {access.map((one) => `${communityName(one.community)}: ${role(one.role)}`).join(', ') ||
                          t('stranger.access')}
                      </OneLine>
                    ),
                  },
                  {
                    key: 'fate',
                    title: t('column.note'),
                    width: '150px',
                    align: 'end',
                    cell: (row) => <Tag tone={tones[fateOf(row)]}>{t(`fate.${fateOf(row)}`)}</Tag>,
                  },
                ]}
                keyOf={({ steepleId }) => steepleId}
                chosen={chosen?.steepleId}
                onChoose={setChosen}
              />
            </div>
          )}
        </>
      }
      detail={
        now.length === 0 ? (
          <Empty icon={IconGhost} title={t('preview.chooseAccount')}>
            {t('preview.chooseAccountWhy')}
          </Empty>
        ) : (
          <ExternalForm
            key={now.map(({ steepleId }) => steepleId).join()}
            accounts={now}
            onDone={() => {
              setDecided((count) => count + 1);
              setTicked(new Map());
            }}
          />
        )
      }
    />
  );
}
