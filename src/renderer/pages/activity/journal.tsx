/** The journal's end, newest first, reaching back as far as is asked for; and one entry with all it holds. */
import { Button } from '@mantine/core';
import { IconNotebook } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JournalRow } from '../../../../daemon/contract/journal.ts';
import { useFormat } from '../../format.ts';
import { useSourceName } from '../../names.ts';
import { stay } from '../../route.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Facts, Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { OneLine } from '../../ui/words.tsx';
import classes from './activity.module.css';

const tones: Readonly<Record<JournalRow['kind'], Tone>> = { push: 'quiet', refusal: 'warn', decision: 'note' };
const page = 200;

export function Journal({ chosen }: Readonly<{ chosen: number | undefined }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const { rows, more, failure } = useTail();
  const listed = rows.find(({ seq }) => seq === chosen);
  const asked = useAnswer(
    'journal.show',
    chosen !== undefined && listed === undefined ? { seq: chosen } : undefined,
    false,
  );
  const entry = listed ?? asked.value;

  if (rows.length === 0 && failure === undefined)
    return (
      <Empty icon={IconNotebook} title={t('journal.none')}>
        {t('journal.noneWhy')}
      </Empty>
    );
  return (
    <>
      {failure !== undefined && <Problem failure={failure} />}
      <Split
        list={
          <Grid<JournalRow>
            label={t('activity.journal')}
            rows={rows}
            columns={[
              {
                key: 'seq',
                title: t('column.order'),
                width: '52px',
                align: 'end',
                cell: ({ seq }) => format.number(seq),
              },
              {
                key: 'at',
                title: t('column.when'),
                width: '122px',
                cell: ({ at }) => <span className={classes.quiet}>{format.brief(at)}</span>,
              },
              {
                key: 'kind',
                title: t('column.kind'),
                width: '80px',
                cell: ({ kind }) => <Tag tone={tones[kind]}>{t(`journal.${kind}`)}</Tag>,
              },
              {
                key: 'who',
                title: t('column.who'),
                width: 'minmax(0, 1fr)',
                cell: (row) => <OneLine>{row.source === null ? (row.actor ?? '–') : sourceName(row.source)}</OneLine>,
              },
              {
                key: 'what',
                title: t('column.what'),
                width: 'minmax(0, 2fr)',
                cell: (row) => <OneLine>{gist(row)}</OneLine>,
              },
            ]}
            keyOf={({ seq }) => seq}
            chosen={chosen}
            onChoose={({ seq }) => stay('activity', `journal/${seq}`)}
            foot={
              more && (
                <Button variant="default" size="compact-xs" onClick={more}>
                  {t('journal.older')}
                </Button>
              )
            }
          />
        }
        detail={
          entry === undefined ? (
            <Empty icon={IconNotebook} title={t(asked.failure ? 'journal.gone' : 'journal.choose')} />
          ) : (
            <Entry row={entry} />
          )
        }
      />
    </>
  );
}

function Entry({ row }: Readonly<{ row: JournalRow }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  return (
    <article className={classes.entry}>
      <h2>
        {t('journal.entry', { seq: format.number(row.seq) })}{' '}
        <Tag tone={tones[row.kind]}>{t(`journal.${row.kind}`)}</Tag>
      </h2>
      <Facts
        rows={[
          [t('column.when'), format.exact(row.at)],
          [t('column.who'), row.source === null ? (row.actor ?? '–') : sourceName(row.source)],
          ...(row.subject === null ? [] : [[t('column.subject'), <code key="subject">{row.subject}</code>] as const]),
          [t('journal.hash'), <code key="hash">{row.hash}</code>],
        ]}
      />
      <h3>{t('journal.body')}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.body} tabIndex={0} aria-label={t('journal.body')}>
        <pre>{JSON.stringify(row.body, null, 2)}</pre>
      </section>
      <p className={classes.quiet}>{t('journal.secrets')}</p>
    </article>
  );
}

type Body = Readonly<Record<string, unknown>>;
const textIn = (body: Body, name: string): string => {
  const value = body[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

/** What an entry is about, in one line, from the few fields that bodies of its kind have. */
function gist({ kind, body, subject }: JournalRow): string {
  if (typeof body !== 'object' || body === null) return subject ?? '';
  const entry = body as Body;
  if (kind === 'decision') {
    const what = textIn(entry, 'what') || textIn(entry, 'decision');
    return [what, textIn(entry, 'plan') || textIn(entry, 'userName') || textIn(entry, 'reason')]
      .filter(Boolean)
      .join(' ');
  }
  const sent = (typeof entry.body === 'object' && entry.body !== null ? entry.body : {}) as Body;
  const operations = Array.isArray(sent.Operations) ? (sent.Operations as Body[]) : [];
  const patched = operations.map((one) =>
    [textIn(one, 'op').toLowerCase(), textIn(one, 'path')].filter(Boolean).join(' '),
  );
  const about = textIn(sent, 'userName') || textIn(sent, 'displayName') || [...new Set(patched)].join(', ');
  const words = [textIn(entry, 'method'), textIn(entry, 'kind'), textIn(entry, 'detail') || about || (subject ?? '')];
  return words.filter(Boolean).join(' ');
}

/** The newest entries, kept fresh, before which older ones are put on request. */
function useTail() {
  const call = useRelay((state) => state.call);
  const { value, failure } = useAnswer('journal.tail', { limit: page });
  const [rows, setRows] = useState<readonly JournalRow[]>([]);
  const [end, setEnd] = useState(false);

  useEffect(() => {
    if (value === undefined) return;
    setRows((before) => {
      const oldest = value.at(-1)?.seq ?? Number.POSITIVE_INFINITY;
      // With a gap between what was there and what came, the older part is dropped rather than shown as if it joined.
      const joins = before.length > 0 && (before[0]?.seq ?? 0) >= oldest - 1;
      return joins ? [...value, ...before.filter(({ seq }) => seq < oldest)] : value;
    });
    if (value.length < page) setEnd(true);
  }, [value]);

  async function older(): Promise<void> {
    const before = rows.at(-1)?.seq;
    if (before === undefined) return;
    const reply = await call('journal.tail', { before, limit: page });
    if (!reply.ok) return;
    if (reply.value.length < page) setEnd(true);
    setRows((now) => [...now, ...reply.value]);
  }
  return { rows, failure, more: end || rows.at(-1)?.seq === 1 ? undefined : () => void older() };
}
