/** Quiet hours as words, and the form for one more of them. */
import { Checkbox, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { QuietHours } from '../../../../daemon/contract/policy.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { AskWhy } from '../../ui/reasoned.tsx';
import classes from './settings.module.css';

const week = [1, 2, 3, 4, 5, 6, 7] as const;
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** 1 is Monday. */
function useDayName(style: 'short' | 'long'): (day: number) => string {
  const { locale } = useFormat();
  const name = new Intl.DateTimeFormat(locale, { weekday: style, timeZone: 'UTC' });
  return (day) => name.format(Date.UTC(2024, 0, day)); // which began on a Monday
}

/** "Mon, Tue and Wed, 18:00 to 08:00". */
export function useHoursWords(): (hours: QuietHours) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const dayName = useDayName('short');
  return ({ days, from, to }) =>
    t(to <= from ? 'quiet.overnight' : 'quiet.hours', {
      days: days.length === 7 ? t('quiet.everyDay') : format.list([...days].sort().map(dayName)),
      from,
      to,
    });
}

export function AddHours({
  save,
}: Readonly<{ save(hours: QuietHours, reason: string): Promise<Failure | undefined> }>) {
  const { t } = useTranslation();
  const dayName = useDayName('long');
  const [days, setDays] = useState<readonly number[]>([1, 2, 3, 4, 5]);
  const [from, setFrom] = useState('18:00');
  const [to, setTo] = useState('08:00');
  const [timeZone, setTimeZone] = useState<string | null>(here);
  const zones = [...new Set([here, ...Intl.supportedValuesOf('timeZone')])];
  const isTime = (text: string) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
  return (
    <AskWhy
      title={t('quiet.add.title')}
      opens={t('quiet.add')}
      does={t('save')}
      ready={days.length > 0 && isTime(from) && isTime(to) && timeZone !== null}
      act={({ reason }) => save({ days: [...days].sort(), from, to, timeZone: timeZone ?? here }, reason)}
    >
      <p>{t('quiet.words')}</p>
      <fieldset className={classes.ticks}>
        <legend>{t('quiet.days')}</legend>
        {week.map((day) => (
          <Checkbox
            key={day}
            label={dayName(day)}
            checked={days.includes(day)}
            onChange={() => setDays(days.includes(day) ? days.filter((other) => other !== day) : [...days, day])}
          />
        ))}
      </fieldset>
      <div className={classes.two}>
        <TextInput
          type="time"
          label={t('quiet.from')}
          required
          value={from}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
        />
        <TextInput
          type="time"
          label={t('quiet.to')}
          description={to <= from ? t('quiet.nextDay') : undefined}
          required
          value={to}
          onChange={({ currentTarget }) => setTo(currentTarget.value)}
        />
      </div>
      <Select
        label={t('quiet.zone')}
        required
        searchable
        limit={60}
        value={timeZone}
        data={zones}
        nothingFoundMessage={t('preview.noMatch')}
        onChange={setTimeZone}
      />
    </AskWhy>
  );
}
