/** Rules, shown with what they come to: no rule is only a pattern here. And the links they propose, to be confirmed. */
import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { IconRipple } from '@tabler/icons-react';
import { type FormEvent, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Board, RuleTrial } from '../../../../daemon/contract/draft.ts';
import type { Rule } from '../../../../daemon/contract/mapping.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useMapping } from '../../mapping.ts';
import { useSourceName } from '../../names.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useSignature } from '../../ui/signed.tsx';
import { Tag } from '../../ui/tag.tsx';
import { useRoleName } from '../../ui/words.tsx';
import classes from './mapping.module.css';
import { Proposed } from './proposed.tsx';

const mostShown = 50;

export function Rules({ board }: Readonly<{ board: Board }>) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState<Rule | 'new'>();
  if (editing !== undefined)
    return <Form board={board} rule={editing === 'new' ? undefined : editing} onDone={() => setEditing(undefined)} />;
  const add = <Button onClick={() => setEditing('new')}>{t('map.rules.add')}</Button>;
  return (
    <div className={classes.form}>
      <p className={classes.plain}>{t('map.rules.lead')}</p>
      <Proposed />
      {board.rules.length === 0 ? (
        <Empty icon={IconRipple} title={t('map.rules.none')} action={add}>
          {t('map.rules.noneWhy')}
        </Empty>
      ) : (
        <>
          <div className={classes.buttons}>{add}</div>
          {board.rules.map((rule) => (
            <OneRule key={rule.id} rule={rule} edition={board.draft.edition} onEdit={() => setEditing(rule)} />
          ))}
        </>
      )}
    </div>
  );
}

function OneRule({ rule, edition, onEdit }: Readonly<{ rule: Rule; edition: number; onEdit(): void }>) {
  const { t } = useTranslation();
  const role = useRoleName();
  const sourceName = useSourceName();
  const { value } = useAnswer('mapping.rule.try', { rule }, false, edition);
  return (
    <article className={classes.rule} aria-label={rule.id}>
      <header>
        <h3>{rule.id}</h3>
        <code>{rule.pattern}</code>
        <span className={classes.quiet}>
          {sourceName(rule.source)} → {role(rule.role)}
        </span>
        <span className={classes.grow} />
        <Button variant="default" size="compact-xs" onClick={onEdit}>
          {t('map.rules.edit')}
        </Button>
        <Drop rule={rule} />
      </header>
      {value !== undefined && <Trial trial={value} />}
    </article>
  );
}

function Drop({ rule }: Readonly<{ rule: Rule }>) {
  const { t } = useTranslation();
  const [keepLinks, setKeep] = useState(true);
  return (
    <Ask
      small
      title={t('map.rules.dropTitle', { rule: rule.id })}
      opens={t('map.rules.drop')}
      does={t('map.rules.drop')}
      act={async () => {
        const { call, me } = useRelay.getState();
        const reply = await call('mapping.draft.dropRule', { id: rule.id, keepLinks, by: me.trim() });
        if (!reply.ok) return reply;
        await useMapping.getState().load();
        return undefined;
      }}
    >
      <Checkbox
        label={t('map.rules.keepLinks')}
        checked={keepLinks}
        onChange={({ currentTarget }) => setKeep(currentTarget.checked)}
      />
      <p className={classes.plain}>{t('map.rules.dropWords')}</p>
    </Ask>
  );
}

/** What a rule comes to: the links it makes, and the groups that fit and yet make none. */
function Trial({ trial: { links, unclear } }: Readonly<{ trial: RuleTrial }>) {
  const { t } = useTranslation();
  if (links.length + unclear.length === 0) return <p className={classes.quiet}>{t('map.rules.fitsNone')}</p>;
  return (
    <div className={classes.trial}>
      <p className={classes.quiet}>
        {t('map.rules.fits', { count: links.length })}
        {unclear.length > 0 && ` · ${t('map.rules.unclear', { count: unclear.length })}`}
      </p>
      <ul>
        {links.slice(0, mostShown).map((link) => (
          <li key={`${link.groupId} ${link.community}`}>
            <span>{link.group}</span> → <span>{link.communityName}</span>{' '}
            <span className={classes.quiet}>{t('map.people', { count: link.people })}</span>{' '}
            {link.there && <Tag>{t('map.rules.there')}</Tag>}
          </li>
        ))}
        {unclear.slice(0, mostShown).map(({ groupId, group, communities }) => (
          <li key={groupId}>
            <span>{group}</span> → <Tag tone="warn">{communities.length === 0 ? '?' : communities.join(', ')}</Tag>
          </li>
        ))}
        {links.length > mostShown && (
          <li className={classes.quiet}>{t('map.effect.more', { count: links.length - mostShown })}</li>
        )}
      </ul>
    </div>
  );
}

const stars = ['either', 'name', 'id'] as const;

function Form({ board, rule, onDone }: Readonly<{ board: Board; rule: Rule | undefined; onDone(): void }>) {
  const { t } = useTranslation();
  const roleName = useRoleName();
  const { call, status } = useRelay.getState();
  const load = useMapping((state) => state.load);
  const { by, field } = useSignature();
  const sources = (status?.sources ?? []).filter(({ state }) => state === 'active');
  const [typed, setTyped] = useState<Rule>(
    rule ?? {
      id: '',
      source: sources[0]?.id ?? '',
      pattern: '',
      star: 'either',
      role: board.roles[0]?.id ?? 'contributor',
    },
  );
  const [failure, setFailure] = useState<Failure>();
  const put = (part: Partial<Rule>) => setTyped((before) => ({ ...before, ...part }));
  const whole = /^[^*]*\*[^*]*$/.test(typed.pattern) && typed.source !== '';
  const named = /^[\w.-]{1,100}$/.test(typed.id);
  const tried = useDeferredValue(whole ? { ...typed, id: named ? typed.id : 'trial' } : undefined);
  const { value } = useAnswer('mapping.rule.try', tried && { rule: tried }, false, board.draft.edition);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const reply = await call('mapping.draft.rule', { rule: typed, by });
    if (!reply.ok) return setFailure(reply);
    await load();
    onDone();
  }
  return (
    <form className={classes.form} onSubmit={(event) => void save(event)}>
      {failure !== undefined && <Problem failure={failure} />}
      <div className={classes.ruleFields}>
        <TextInput
          label={t('map.rules.id')}
          required
          disabled={rule !== undefined}
          maxLength={100}
          spellCheck={false}
          value={typed.id}
          onChange={({ currentTarget }) => put({ id: currentTarget.value.replace(/[^\w.-]/g, '-') })}
          data-autofocus
        />
        <Select
          label={t('map.rules.source')}
          data={sources.map(({ id, name }) => ({ value: id, label: name }))}
          value={typed.source}
          allowDeselect={false}
          onChange={(source) => put({ source: source ?? '' })}
        />
        <TextInput
          label={t('map.rules.pattern')}
          description={t('map.rules.patternWhy')}
          required
          maxLength={300}
          spellCheck={false}
          value={typed.pattern}
          onChange={({ currentTarget }) => put({ pattern: currentTarget.value })}
        />
        <Select
          label={t('map.rules.star')}
          description={' '}
          data={stars.map((value) => ({ value, label: t(`map.rules.star.${value}`) }))}
          value={typed.star}
          allowDeselect={false}
          onChange={(star) => put({ star: stars.find((one) => one === star) ?? 'either' })}
        />
        <Select
          label={t('map.rules.role')}
          data={board.roles.map(({ id }) => ({ value: id, label: roleName(id) }))}
          value={typed.role}
          allowDeselect={false}
          onChange={(role) => put({ role: role ?? typed.role })}
        />
      </div>
      <section className={classes.trialBox} aria-live="polite">
        <h3>{t('map.rules.trial')}</h3>
        {value === undefined ? <p className={classes.quiet}>{t('map.rules.patternWhy')}</p> : <Trial trial={value} />}
      </section>
      {field}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onDone}>
          {t('map.rules.back')}
        </Button>
        <Button type="submit" disabled={!whole || !named || by === ''}>
          {t('map.rules.save')}
        </Button>
      </div>
    </form>
  );
}
