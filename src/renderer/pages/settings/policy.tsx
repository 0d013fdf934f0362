/** What leaves by itself and what waits for a person: the gate's numbers, in the words of what they do. */
import { useTranslation } from 'react-i18next';
import type { Policy } from '../../../../daemon/contract/policy.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { statusOf, useAnswer, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Edit, Pick, Section } from '../../ui/setting.tsx';
import { Overrides } from './overrides.tsx';

export function usePolicy() {
  const { value, failure, again } = useAnswer('policy.show', {});
  async function set(key: keyof Policy, wanted: unknown, reason: string): Promise<Failure | undefined> {
    const { call, me } = useRelay.getState();
    const reply = await call('policy.set', { key, value: wanted, reason, by: me.trim() });
    again();
    return reply.ok ? undefined : reply;
  }
  return { policy: value, failure, set, again };
}

type NumberKey = { [K in keyof Policy]: Policy[K] extends number ? K : never }[keyof Policy];

export function PolicySection() {
  const { t } = useTranslation();
  const format = useFormat();
  const active = useRelay(statusOf)?.directory.active ?? 0;
  const { policy, failure, set } = usePolicy();
  if (policy === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  const number = (key: NumberKey, least: number, most: number, unit?: string) => (
    <Edit
      key={key}
      about={`policy/${key}`}
      label={t(`policy.${key}` as 'policy.limitCap')}
      why={t(`policy.${key}.why` as 'policy.limitCap.why')}
      value={String(policy[key])}
      numeric
      reasoned
      {...(unit !== undefined && { unit })}
      wrong={(typed) => {
        const value = Number(typed.replace(',', '.'));
        const fine = typed.trim() !== '' && value >= least && value <= most;
        return fine ? undefined : t('policy.between', { least: format.number(least), most: format.number(most) });
      }}
      save={(typed, reason) => set(key, Number(typed.replace(',', '.')), reason)}
    />
  );
  // The same sum as the gate's (G6): the smaller of the share and the cap, but never under the floor.
  const limit = Math.max(
    policy.limitFloor,
    Math.min(Math.floor((active * policy.limitPercent) / 100), policy.limitCap),
  );
  return (
    <>
      <Section title={t('policy.removals')} lead={t('policy.removals.lead')}>
        <Pick
          reasoned
          label={t('policy.removal')}
          why={t(`policy.removal.${policy.removal}.why`)}
          value={policy.removal}
          options={(['deactivate', 'delete'] as const).map((value) => ({ value, label: t(`policy.removal.${value}`) }))}
          save={(value, reason) => set('removal', value, reason)}
        />
        <Pick
          reasoned
          label={t('policy.twoPerson')}
          why={t('policy.twoPerson.why')}
          value={policy.twoPerson ? 'two' : 'one'}
          options={(['one', 'two'] as const).map((value) => ({ value, label: t(`policy.twoPerson.${value}`) }))}
          save={(value, reason) => set('twoPerson', value === 'two', reason)}
        />
      </Section>
      <Section
        title={t('policy.limits')}
        lead={t('policy.limits.lead', { limit: format.number(limit), active: format.number(active) })}
      >
        {number('limitPercent', 0, 100, '%')}
        {number('limitCap', 0, 100_000)}
        {number('limitFloor', 0, 100_000)}
        {number('groupPercent', 0, 100, '%')}
        {number('groupOver', 0, 100_000)}
      </Section>
      <Overrides policy={policy} save={set} />
      <Section title={t('policy.shrink')} lead={t('policy.shrink.lead')}>
        {number('shrinkPercent', 0, 100, '%')}
        {number('shrinkFloor', 0, 100_000)}
        {number('shrinkOver', 0, 100_000)}
        {(['entra', 'okta', 'scim'] as const).map((kind) => (
          <Edit
            key={kind}
            about={`policy/shrinkMinutes/${kind}`}
            label={t('policy.shrinkMinutes', { kind: t(`source.${kind}`) })}
            value={String(policy.shrinkMinutes[kind])}
            numeric
            reasoned
            unit={t('unit.minutes')}
            wrong={(typed) =>
              /^\d+$/.test(typed.trim()) && Number(typed) >= 1 && Number(typed) <= 1440
                ? undefined
                : t('policy.between', { least: 1, most: format.number(1440) })
            }
            save={(typed, reason) => set('shrinkMinutes', { ...policy.shrinkMinutes, [kind]: Number(typed) }, reason)}
          />
        ))}
      </Section>
      <Section title={t('policy.drifting')} lead={t('policy.drifting.lead')}>
        {number('driftEveryHours', 0, 168, t('unit.hours'))}
        <Pick
          reasoned
          label={t('policy.drift')}
          why={t(`policy.drift.${policy.drift}.why`)}
          value={policy.drift}
          options={(['report', 'restore'] as const).map((value) => ({ value, label: t(`policy.drift.${value}`) }))}
          save={(value, reason) => set('drift', value, reason)}
        />
      </Section>
      <Section title={t('policy.sending')} lead={t('policy.sending.lead')}>
        {number('membersPerPatch', 1, 1000)}
        {number('inFlight', 1, 64)}
        {number('deliveryDays', 0, 36_500, t('unit.days'))}
      </Section>
      {policy.limitPercent === 100 && <Notice tone="warn">{t('policy.noLimit')}</Notice>}
    </>
  );
}
