/** For how long something is kept: until the source changes its mind, or until a day. */
import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const days = ['', '7', '30', '90'] as const;
type Days = (typeof days)[number];

/** The end of the day so many days from now; undefined: until the source changes its mind. */
export function untilOf(value: string, now = new Date()): number | undefined {
  if (value === '') return undefined;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + Number(value), 23, 59, 59).getTime();
}

export function KeepUntil({ value, onChange }: Readonly<{ value: string; onChange(value: string): void }>) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      label={t('until')}
      description={t(value === '' ? 'until.why' : 'until.dayWhy')}
      value={value}
      data={days.map((day) => ({
        value: day,
        label: t(`until.${day === '' ? 'source' : day}` as `until.${Exclude<Days, ''>}`),
      }))}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
