/** Whom nothing is taken from without a person, whatever else the policy says: by name, by group, by a filter. */
import { TextInput } from '@mantine/core';
import { IconSearch, IconShieldCheck } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../../preload/contract.ts';
import { to } from '../../route.ts';
import { useAnswer } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Problem } from '../../ui/problem.tsx';
import { AskWhy } from '../../ui/reasoned.tsx';
import { Edit, Section } from '../../ui/setting.tsx';
import { usePolicy } from './policy.tsx';
import classes from './settings.module.css';

const fold = (text: string): string => text.trim().toLowerCase();

export function Protected() {
  const { t } = useTranslation();
  const { policy, failure, set } = usePolicy();
  const [text, setText] = useState('');
  const filter = useDeferredValue(text.trim());
  const found = useAnswer('people', filter === '' ? undefined : { filter, limit: 6 }, false).value;
  if (policy === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  const names = policy.protected;
  const known = new Set(names.map(fold));
  const change = (next: readonly string[], reason: string) => set('protected', next, reason);
  return (
    <>
      <Section title={t('settings.protected')} lead={t('protected.lead')}>
        <div className={classes.add}>
          <TextInput
            label={t('protected.add')}
            placeholder={t('people.search')}
            leftSection={<IconSearch size={14} aria-hidden />}
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
          {found !== undefined && (
            <ul className={classes.found} aria-label={t('protected.found')}>
              {found.items.map(({ id, name, userName }) => (
                <li key={id} className={classes.line}>
                  <div>
                    <span className={classes.name}>{name || userName}</span>{' '}
                    <span className={classes.quiet}>{userName}</span>
                  </div>
                  {known.has(fold(userName)) ? (
                    <span className={classes.quiet}>{t('protected.already')}</span>
                  ) : (
                    <Protection
                      way="do"
                      name={name || userName}
                      act={(reason) => change([...names, userName], reason)}
                      onDone={() => setText('')}
                    />
                  )}
                </li>
              ))}
              {found.items.length === 0 && <li className={classes.line}>{t('preview.noMatch')}</li>}
            </ul>
          )}
        </div>
        {names.length === 0 ? (
          <Empty icon={IconShieldCheck} title={t('protected.none')}>
            {t('protected.noneWhy')}
          </Empty>
        ) : (
          <ul className={classes.plainList} aria-label={t('settings.protected')}>
            {names.map((userName) => (
              <li key={userName} className={classes.line}>
                <a href={to('people', userName)}>{userName}</a>
                <Protection
                  way="undo"
                  name={userName}
                  act={(reason) =>
                    change(
                      names.filter((other) => other !== userName),
                      reason,
                    )
                  }
                />
              </li>
            ))}
          </ul>
        )}
      </Section>
      <ProtectedGroups />
      <Section title={t('protected.filter')} lead={t('protected.filter.lead')}>
        <Edit
          about="policy/protectedFilter"
          label={t('protected.filter.label')}
          why={t('protected.filter.why')}
          value={policy.protectedFilter}
          wide
          reasoned
          save={(typed, reason) => set('protectedFilter', typed, reason)}
        />
      </Section>
    </>
  );
}

/** Whoever is in one of these groups, at any depth. */
function ProtectedGroups() {
  const { t } = useTranslation();
  const { policy, set } = usePolicy();
  const [text, setText] = useState('');
  const filter = useDeferredValue(text.trim());
  const found = useAnswer('groups', filter === '' ? undefined : { filter, limit: 6 }, false).value;
  if (policy === undefined) return null;
  const ids = policy.protectedGroups;
  const change = (next: readonly string[], reason: string) => set('protectedGroups', next, reason);
  return (
    <Section title={t('protected.groups')} lead={t('protected.groups.lead')}>
      <div className={classes.add}>
        <TextInput
          label={t('protected.groups.add')}
          placeholder={t('groups.search')}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        {found !== undefined && (
          <ul className={classes.found} aria-label={t('protected.groups.found')}>
            {found.items.map(({ id, displayName, members }) => (
              <li key={id} className={classes.line}>
                <div>
                  <span className={classes.name}>{displayName}</span>{' '}
                  <span className={classes.quiet}>{t('people.count', { count: members })}</span>
                </div>
                {ids.includes(id) ? (
                  <span className={classes.quiet}>{t('protected.already')}</span>
                ) : (
                  <Protection
                    way="do"
                    name={displayName}
                    act={(reason) => change([...ids, id], reason)}
                    onDone={() => setText('')}
                  />
                )}
              </li>
            ))}
            {found.items.length === 0 && <li className={classes.line}>{t('preview.noMatch')}</li>}
          </ul>
        )}
      </div>
      {ids.length === 0 && <p className={classes.plain}>{t('protected.groups.none')}</p>}
      {ids.length > 0 && (
        <ul className={classes.plainList} aria-label={t('protected.groups')}>
          {ids.map((id) => (
            <OneGroup
              key={id}
              id={id}
              onEnd={(reason) =>
                change(
                  ids.filter((other) => other !== id),
                  reason,
                )
              }
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

type Act = (reason: string) => Promise<Failure | undefined>;

function OneGroup({ id, onEnd }: Readonly<{ id: string; onEnd: Act }>) {
  const { t } = useTranslation();
  const group = useAnswer('group.show', { id }, false).value;
  const name = group?.displayName ?? id;
  return (
    <li className={classes.line}>
      <div>
        <a href={to('groups', id)}>{name}</a>{' '}
        {group !== undefined && <span className={classes.quiet}>{t('people.count', { count: group.people })}</span>}
      </div>
      <Protection way="undo" name={name} act={onEnd} />
    </li>
  );
}

type ProtectionProps = Readonly<{ way: 'do' | 'undo'; name: string; act: Act; onDone?(): void }>;
/** Protecting, or no longer: asked with why, and done. */
function Protection({ way, name, act, onDone }: ProtectionProps) {
  const { t } = useTranslation();
  const does = t(`protected.${way}`);
  return (
    <AskWhy
      small
      title={`${does}: ${name}`}
      opens={does}
      about={name}
      does={does}
      act={async ({ reason }) => {
        const refused = await act(reason);
        if (refused === undefined) onDone?.();
        return refused;
      }}
    >
      <p>{t(`protected.${way}.words`)}</p>
    </AskWhy>
  );
}
