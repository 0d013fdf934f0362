/** Links that rules propose since they were published. They give nobody anything until a person confirms them. */
import { Checkbox, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../../preload/contract.ts';
import { useMapping } from '../../mapping.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Tag } from '../../ui/tag.tsx';
import { useRoleName } from '../../ui/words.tsx';
import { Numbers } from './effect.tsx';
import classes from './mapping.module.css';

export function Proposed() {
  const { t } = useTranslation();
  const role = useRoleName();
  const { value, again } = useAnswer('mapping.expansions', { limit: 1000 });
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const [reason, setReason] = useState('');
  const items = value?.items ?? [];
  const ids = items.filter(({ id }) => !left.has(id)).map(({ id }) => id);
  const meant = items.filter(({ id }) => !left.has(id));
  const { value: effect } = useAnswer(
    'mapping.effect',
    meant.length === 0
      ? undefined
      : {
          base: 'published',
          add: meant
            .slice(0, 1000)
            .map(({ source, groupId, community, role: given }) => ({ source, groupId, community, role: given })),
          limit: 0,
        },
    false,
  );
  if (items.length === 0) return null;
  const toggle = (id: number) =>
    setLeft((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  const decide = (name: 'mapping.confirm' | 'mapping.decline') => async (): Promise<Failure | undefined> => {
    const { call, me } = useRelay.getState();
    const reply = await call(name, { ids, reason: reason.trim(), by: me.trim() });
    if (!reply.ok) return reply;
    setReason('');
    again();
    await useMapping.getState().load();
    return undefined;
  };
  const ask = (opens: string, act: () => Promise<Failure | undefined>) => (
    <Ask small title={opens} opens={opens} does={opens} ready={reason.trim() !== '' && ids.length > 0} act={act}>
      {effect !== undefined && <Numbers effect={effect} />}
      <Textarea
        label={t('reason')}
        required
        rows={2}
        maxLength={1000}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
    </Ask>
  );
  return (
    <section className={classes.proposed} aria-label={t('map.rules.held')}>
      <h3>{t('map.rules.held')}</h3>
      <p className={classes.quiet}>{t('map.rules.heldWhy')}</p>
      <ul>
        {items.map(({ id, group, communityName, role: given, rule, people }) => (
          <li key={id}>
            <Checkbox
              size="xs"
              checked={!left.has(id)}
              onChange={() => toggle(id)}
              aria-label={t('map.rules.choose', { group, community: communityName })}
            />
            <span>
              {group} → {communityName} <span className={classes.quiet}>{role(given)}</span>
            </span>
            <span className={classes.quiet}>{t('map.people', { count: people })}</span>
            <Tag>{t('map.state.rule', { rule })}</Tag>
          </li>
        ))}
      </ul>
      {ids.length > 0 && (
        <div className={classes.buttons}>
          {ask(t('map.rules.confirm', { count: ids.length }), decide('mapping.confirm'))}
          {ask(t('map.rules.decline', { count: ids.length }), decide('mapping.decline'))}
        </div>
      )}
    </section>
  );
}
