/** The numbers at the three places: what the provider's page says (typed in), what has arrived here, what Steeple holds. */
import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CountRow, Preflight } from '../../../../daemon/contract/preflight.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { useSourceName } from '../../names.ts';
import { isAway, useRelay } from '../../store.ts';
import { Problem } from '../../ui/problem.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Moment } from '../../ui/words.tsx';
import classes from './checks.module.css';

type Props = Readonly<{ preflight: Pick<Preflight, 'counts' | 'steeple'>; again(): void }>;

export function Counts({ preflight: { counts, steeple }, again }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t('counts.of')}</th>
          <th scope="col">{t('counts.provider')}</th>
          <th scope="col" className={classes.number}>
            {t('counts.users')}
          </th>
          <th scope="col" className={classes.number}>
            {t('counts.groups')}
          </th>
          <th scope="col">{t('column.state')}</th>
        </tr>
      </thead>
      <tbody>
        {counts.map((row) => (
          <Source key={row.source} row={row} again={again} />
        ))}
        <tr>
          <th scope="row">{t('counts.steeple')}</th>
          <td>{steeple.at !== null && <Moment at={steeple.at} />}</td>
          <td className={classes.number}>{steeple.at === null ? '–' : format.number(steeple.users)}</td>
          <td className={classes.number}>{steeple.at === null ? '–' : format.number(steeple.groups)}</td>
          <td />
        </tr>
      </tbody>
    </table>
  );
}

/** How far what arrived is from what is expected: null where nothing was typed in. */
export function gapOf({ expected, here }: CountRow): number | null {
  if (expected === null || (expected.users === null && expected.groups === null)) return null;
  const users = expected.users === null ? 0 : here.users - expected.users;
  const groups = expected.groups === null ? 0 : here.groups - expected.groups;
  // Users first: that is what people lose access by.
  return users !== 0 ? users : groups;
}

export function Gap({ row }: Readonly<{ row: CountRow }>) {
  const { t } = useTranslation();
  const gap = gapOf(row);
  if (gap === null) return <Tag>{t('counts.unknown')}</Tag>;
  if (gap === 0) return <Tag tone="good">{t('counts.match')}</Tag>;
  return <Tag tone="warn">{t(gap < 0 ? 'counts.less' : 'counts.more', { count: Math.abs(gap) })}</Tag>;
}

const written = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : String(value);
const whole = /^\d{1,9}$/;

function Source({ row, again }: Readonly<{ row: CountRow; again(): void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const away = useRelay(isAway);
  const by = useRelay((state) => state.me.trim());
  const { call } = useRelay.getState();
  const [users, setUsers] = useState(written(row.expected?.users));
  const [groups, setGroups] = useState(written(row.expected?.groups));
  const [failure, setFailure] = useState<Failure>();
  const differs = users !== written(row.expected?.users) || groups !== written(row.expected?.groups);
  const wrong = [users, groups].some((one) => one !== '' && !whole.test(one));
  const name = sourceName(row.source);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (wrong || !differs || by === '' || away) return;
    const number = (text: string) => (text === '' ? null : Number(text));
    const asked = { source: row.source, users: number(users), groups: number(groups), by };
    const reply = await call('preflight.expect', asked);
    setFailure(reply.ok ? undefined : reply);
    if (reply.ok) again();
  }
  const field = (label: string, value: string, set: (text: string) => void, placeholder: string) => (
    <TextInput
      className={classes.field}
      aria-label={label}
      placeholder={placeholder}
      inputMode="numeric"
      maxLength={9}
      value={value}
      error={value !== '' && !whole.test(value) && t('counts.wrong')}
      onChange={({ currentTarget }) => set(currentTarget.value.trim())}
    />
  );
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <form className={classes.typed} onSubmit={(event) => void save(event)}>
          {field(t('counts.usersOf', { source: name }), users, setUsers, t('counts.users'))}
          {field(t('counts.groupsOf', { source: name }), groups, setGroups, t('counts.groups'))}
          {differs && (
            <Button type="submit" disabled={wrong || by === '' || away}>
              {t('save')}
            </Button>
          )}
        </form>
        {differs && by === '' && <span>{t('me.unknown')}</span>}
        {failure !== undefined && <Problem failure={failure} />}
      </td>
      <td className={classes.number}>{format.number(row.here.users)}</td>
      <td className={classes.number}>{format.number(row.here.groups)}</td>
      <td>
        <Gap row={row} />
      </td>
    </tr>
  );
}
