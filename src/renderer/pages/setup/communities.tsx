/** The catalogue of communities: read from Steeple's public API, taken from a file, or typed. */
import { Button, PasswordInput, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommunityRow } from '../../../../daemon/contract/mapping.ts';
import type { Status } from '../../../../daemon/contract/status.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useRelay } from '../../store.ts';
import { Grid } from '../../ui/grid.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useSignature } from '../../ui/signed.tsx';
import { Tag } from '../../ui/tag.tsx';
import { OneLine } from '../../ui/words.tsx';
import { Lead } from './lead.tsx';
import classes from './setup.module.css';

const ways = ['api', 'file', 'hand'] as const;
type Way = (typeof ways)[number];

export function Communities({ status, rows }: Readonly<{ status: Status; rows: readonly CommunityRow[] }>) {
  const { t } = useTranslation();
  const [way, setWay] = useState<Way>(status.upstream.apiUrl === null && rows.length > 0 ? 'file' : 'api');
  const name = useId();
  return (
    <>
      <Lead>{t('wizard.communities.lead')}</Lead>
      <div>
        <div id={name} className={classes.label}>
          {t('wizard.communities.how')}
        </div>
        <SegmentedControl
          aria-labelledby={name}
          value={way}
          onChange={(chosen) => setWay(chosen as Way)}
          data={ways.map((value) => ({ value, label: t(`wizard.communities.${value}`) }))}
        />
      </div>
      {way === 'api' && <FromSteeple status={status} />}
      {way === 'file' && <FromFile />}
      {way === 'hand' && <ByHand rows={rows} />}
      <Known rows={rows} />
    </>
  );
}

/** Sends, and shows what came of it; a form that did its work is empty again. */
function useSending() {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  async function send(work: () => Promise<Failure | undefined>): Promise<void> {
    setBusy(true);
    setFailure(await work());
    setBusy(false);
  }
  return { busy, problem: failure === undefined ? null : <Problem failure={failure} />, send };
}

function FromSteeple({ status: { upstream } }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const { by, field } = useSignature();
  const { busy, problem, send } = useSending();
  const [apiUrl, setApiUrl] = useState(upstream.apiUrl ?? '');
  const token = useRef<HTMLInputElement>(null); // S1: read once, and emptied

  const read = (event: FormEvent) => {
    event.preventDefault();
    const apiToken = token.current?.value.trim() ?? '';
    return send(async () => {
      if (apiToken !== '' || apiUrl.trim() !== upstream.apiUrl) {
        const set = await call('upstream.set', { apiUrl: apiUrl.trim(), ...(apiToken !== '' && { apiToken }), by });
        if (!set.ok) return set;
        if (token.current !== null) token.current.value = '';
      }
      const reply = await call('communities.refresh', { by });
      return reply.ok ? undefined : reply;
    });
  };
  return (
    <form className={classes.form} onSubmit={(event) => void read(event)}>
      <p className={classes.aside}>{t('wizard.communities.apiWhy')}</p>
      {problem}
      <TextInput
        label={t('wizard.communities.apiUrl')}
        required
        type="url"
        spellCheck={false}
        autoComplete="off"
        placeholder="https://"
        value={apiUrl}
        onChange={({ currentTarget }) => setApiUrl(currentTarget.value)}
      />
      <PasswordInput
        ref={token}
        label={t('wizard.communities.apiToken')}
        required={!upstream.apiToken}
        autoComplete="off"
        {...(upstream.apiToken && { placeholder: t('wizard.steeple.tokenKept') })}
        visibilityToggleButtonProps={{ 'aria-label': t('wizard.steeple.reveal') }}
      />
      {field}
      <div className={classes.buttons}>
        <Button type="submit" loading={busy} disabled={apiUrl.trim() === '' || by === ''}>
          {t('wizard.communities.read')}
        </Button>
      </div>
    </form>
  );
}

type ListProps = Readonly<{
  label: string;
  why: string;
  mono?: boolean;
  /** Whether there is anything in it to be taken. */
  ready(text: string): boolean;
  take(text: string, by: string): Promise<Failure | undefined>;
  /** Another way to fill it. */
  fill?(setText: (text: string) => void): ReactNode;
}>;

/** A list as text, pasted or typed; emptied once it is taken. */
function List({ label, why, mono = false, ready, take, fill }: ListProps) {
  const { t } = useTranslation();
  const { by, field } = useSignature();
  const { busy, problem, send } = useSending();
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    return send(async () => {
      const failure = await take(text, by);
      if (failure === undefined) setText('');
      return failure;
    });
  };
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)}>
      {problem}
      <Textarea
        label={label}
        description={why}
        required
        rows={6}
        spellCheck={!mono}
        {...(mono && { classNames: { input: classes.mono ?? '' } })}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      {field}
      <div className={classes.buttons}>
        {fill?.(setText)}
        <Button type="submit" loading={busy} disabled={!ready(text) || by === ''}>
          {t('wizard.communities.take')}
        </Button>
      </div>
    </form>
  );
}

function FromFile() {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const picker = useRef<HTMLInputElement>(null);
  return (
    <List
      label={t('wizard.communities.text')}
      why={t('wizard.communities.fileWhy')}
      mono
      ready={(text) => text.trim() !== ''}
      take={async (text, by) => {
        const reply = await call('communities.import', { text, by });
        return reply.ok ? undefined : reply;
      }}
      fill={(setText) => (
        <>
          <input
            ref={picker}
            type="file"
            accept=".csv,.json,text/csv,application/json"
            hidden
            onChange={async ({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              if (file !== undefined) setText(await file.text());
            }}
          />
          <Button variant="default" onClick={() => picker.current?.click()}>
            {t('wizard.communities.choose')}
          </Button>
        </>
      )}
    />
  );
}

/** `Équipe R&D` → `equipe-r-d`: an id that can be read. */
export const idOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');

function ByHand({ rows }: Readonly<{ rows: readonly CommunityRow[] }>) {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const known = new Set(rows.map(({ id }) => id));
  const wanted = (text: string) =>
    text
      .split('\n')
      .map((name) => ({ id: idOf(name.trim()), name: name.trim() }))
      .filter(({ id }) => id !== '' && !known.has(id));
  return (
    <List
      label={t('wizard.communities.names')}
      why={t('wizard.communities.handWhy')}
      ready={(text) => wanted(text).length > 0}
      take={async (text, by) => {
        for (const community of wanted(text)) {
          const reply = await call('communities.add', { ...community, by });
          if (!reply.ok) return reply;
        }
        return undefined;
      }}
    />
  );
}

function Known({ rows }: Readonly<{ rows: readonly CommunityRow[] }>) {
  const { t } = useTranslation();
  if (rows.length === 0) return <p className={classes.aside}>{t('wizard.communities.none')}</p>;
  const title = t('wizard.communities.known', { count: rows.length });
  return (
    <div className={classes.group}>
      <h3>{title}</h3>
      <div className={classes.table} data-tall={rows.length > 8}>
        <Grid
          label={title}
          rows={rows}
          keyOf={({ id }) => id}
          rowHeight={34}
          columns={[
            {
              key: 'name',
              title: t('wizard.handover.community'),
              width: '1fr',
              cell: ({ name }) => <OneLine>{name}</OneLine>,
            },
            { key: 'id', title: 'id', width: '1fr', cell: ({ id }) => <OneLine quiet>{id}</OneLine> },
            {
              key: 'origin',
              title: t('wizard.communities.how'),
              width: '190px',
              cell: ({ origin, state }) => (
                <>
                  {t(`wizard.origin.${origin}`)}{' '}
                  {state === 'missing' && <Tag tone="warn">{t('wizard.communities.missing')}</Tag>}
                </>
              ),
            },
          ]}
        />
      </div>
    </div>
  );
}
