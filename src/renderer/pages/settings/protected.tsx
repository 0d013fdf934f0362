/** Whom nothing is taken from without a person, whatever else the policy says: by name, by group, by a filter. */
import { Button, TextInput } from '@mantine/core';
import { IconSearch, IconShieldCheck } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../../preload/contract.ts';
import { to } from '../../route.ts';
import { isAway, useAnswer, useRelay } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Edit, Section } from '../../ui/setting.tsx';
import { usePolicy } from './policy.tsx';
import classes from './settings.module.css';

const fold = (text: string): string => text.trim().toLowerCase();

export function Protected() {
  const { t } = useTranslation();
  const { policy, failure, set } = usePolicy();
  const away = useRelay(isAway);
  const nobody = useRelay((state) => state.me.trim() === '');
  const [text, setText] = useState('');
  const [refused, setRefused] = useState<Failure>();
  const filter = useDeferredValue(text.trim());
  const found = useAnswer('people', filter === '' ? undefined : { filter, limit: 6 }, false).value;
  if (policy === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  const names = policy.protected;
  const known = new Set(names.map(fold));
  const change = async (next: readonly string[]) => setRefused(await set('protected', next));
  return (
    <>
      <Section title={t('settings.protected')} lead={t('protected.lead')}>
        {refused !== undefined && <Problem failure={refused} />}
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
                  <Button
                    size="compact-xs"
                    variant="default"
                    disabled={away || nobody || known.has(fold(userName))}
                    aria-label={`${t('protected.do')}: ${name || userName}`}
                    onClick={() => void change([...names, userName]).then(() => setText(''))}
                  >
                    {t(known.has(fold(userName)) ? 'protected.already' : 'protected.do')}
                  </Button>
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
                <Button
                  size="compact-xs"
                  variant="default"
                  disabled={away || nobody}
                  aria-label={`${t('protected.undo')}: ${userName}`}
                  onClick={() => void change(names.filter((other) => other !== userName))}
                >
                  {t('protected.undo')}
                </Button>
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
          save={(typed) => set('protectedFilter', typed)}
        />
      </Section>
    </>
  );
}

/** Whoever is in one of these groups, at any depth. */
function ProtectedGroups() {
  const { t } = useTranslation();
  const { policy, set } = usePolicy();
  const away = useRelay(isAway);
  const nobody = useRelay((state) => state.me.trim() === '');
  const [text, setText] = useState('');
  const [refused, setRefused] = useState<Failure>();
  const filter = useDeferredValue(text.trim());
  const found = useAnswer('groups', filter === '' ? undefined : { filter, limit: 6 }, false).value;
  if (policy === undefined) return null;
  const ids = policy.protectedGroups;
  const change = async (next: readonly string[]) => setRefused(await set('protectedGroups', next));
  return (
    <Section title={t('protected.groups')} lead={t('protected.groups.lead')}>
      {refused !== undefined && <Problem failure={refused} />}
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
                <Button
                  size="compact-xs"
                  variant="default"
                  disabled={away || nobody || ids.includes(id)}
                  aria-label={`${t('protected.do')}: ${displayName}`}
                  onClick={() => void change([...ids, id]).then(() => setText(''))}
                >
                  {t(ids.includes(id) ? 'protected.already' : 'protected.do')}
                </Button>
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
              disabled={away || nobody}
              onEnd={() => void change(ids.filter((other) => other !== id))}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

function OneGroup({ id, disabled, onEnd }: Readonly<{ id: string; disabled: boolean; onEnd(): void }>) {
  const { t } = useTranslation();
  const group = useAnswer('group.show', { id }, false).value;
  const name = group?.displayName ?? id;
  return (
    <li className={classes.line}>
      <div>
        <a href={to('groups', id)}>{name}</a>{' '}
        {group !== undefined && <span className={classes.quiet}>{t('people.count', { count: group.people })}</span>}
      </div>
      <Button
        size="compact-xs"
        variant="default"
        disabled={disabled}
        aria-label={`${t('protected.undo')}: ${name}`}
        onClick={onEnd}
      >
        {t('protected.undo')}
      </Button>
    </li>
  );
}
