/** One entry of the journal with all it holds, and any entry in one line. */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { JournalRow } from '../../../../daemon/contract/journal.ts';
import { useFormat } from '../../format.ts';
import { useSourceName } from '../../names.ts';
import { to } from '../../route.ts';
import { Facts } from '../../ui/page.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { useDecisionName } from '../../ui/words.tsx';
import classes from './activity.module.css';
import { Payload } from './payload.tsx';

export const entryTones: Readonly<Record<JournalRow['kind'], Tone>> = {
  push: 'quiet',
  refusal: 'warn',
  decision: 'note',
};

type Body = Readonly<Record<string, unknown>>;
const bodyOf = (value: unknown): Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {};
const textIn = (body: Body, name: string): string => {
  const value = body[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

/** What an entry is about, in one line, from the few fields that bodies of its kind have. */
export function useGist(): (row: JournalRow) => string {
  const { t, i18n } = useTranslation();
  const decisionName = useDecisionName();
  return ({ kind, body, subject }) => {
    const entry = bodyOf(body);
    if (kind === 'decision') {
      const fields = ['userName', 'resource', 'group', 'name', 'key', 'file', 'plan', 'reason'];
      const said = fields.map((name) => textIn(entry, name)).find((text) => text !== '');
      const what = decisionName(textIn(entry, 'what') || textIn(entry, 'decision'));
      if (said === undefined) return what;
      const policy = `policy.name.${textIn(entry, 'key')}`;
      const about = i18n.exists(policy) ? t(policy as 'policy.name.removal') : said;
      return t('did.about', { what, about });
    }
    const sent = bodyOf(entry.body);
    const operations = Array.isArray(sent.Operations) ? sent.Operations.map(bodyOf) : [];
    const patched = operations.map((one) =>
      [textIn(one, 'op').toLowerCase(), textIn(one, 'path')].filter(Boolean).join(' '),
    );
    const about = textIn(sent, 'userName') || textIn(sent, 'displayName') || [...new Set(patched)].join(', ');
    const words = [textIn(entry, 'method'), textIn(entry, 'kind'), textIn(entry, 'detail') || about || (subject ?? '')];
    return words.filter(Boolean).join(' ');
  };
}

/** Where the person or the group is shown that an entry is about; undefined where it is about neither, or nobody's name is in it. */
function placeOf({ subject, body, kind }: JournalRow): string | undefined {
  const entry = bodyOf(body);
  if (subject === null || kind === 'decision') {
    const userName = textIn(entry, 'userName');
    return userName === '' ? undefined : to('people', userName);
  }
  if (textIn(entry, 'kind') === 'Group') return to('groups', subject);
  const userName = textIn(bodyOf(entry.body), 'userName');
  return userName === '' ? undefined : to('people', userName);
}

export function Entry({ row, onAbout }: Readonly<{ row: JournalRow; onAbout(subject: string): void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const decisionName = useDecisionName();
  const place = placeOf(row);
  const { subject } = row;
  const what = textIn(bodyOf(row.body), 'what');
  return (
    <article className={classes.entry}>
      <h2>
        {t('journal.entry', { seq: format.number(row.seq) })}{' '}
        <Tag tone={entryTones[row.kind]}>{t(`journal.${row.kind}`)}</Tag>
      </h2>
      <Facts
        rows={[
          ...(row.kind === 'decision' && what !== '' ? [[t('column.what'), decisionName(what)] as const] : []),
          [t('column.when'), format.exact(row.at)],
          [t('column.who'), row.source === null ? (row.actor ?? '–') : sourceName(row.source)],
          ...(subject === null
            ? []
            : [
                [
                  t('column.subject'),
                  place === undefined ? (
                    <code key="subject">{subject}</code>
                  ) : (
                    <a key="subject" href={place}>
                      <code>{subject}</code>
                    </a>
                  ),
                ] as const,
              ]),
          [t('journal.hash'), <code key="hash">{row.hash}</code>],
        ]}
      />
      {subject !== null && (
        <div className={classes.buttons}>
          <Button variant="default" size="compact-xs" onClick={() => onAbout(subject)}>
            {t('journal.onlyAbout')}
          </Button>
        </div>
      )}
      {row.erasedBy !== null && (
        <p className={classes.quiet}>
          {t('journal.erased')}{' '}
          <a href={to('activity', `journal/${row.erasedBy}`)}>
            {t('item.entry', { seq: format.number(row.erasedBy) })}
          </a>
        </p>
      )}
      <Payload title={t('journal.body')} body={row.body} note={t('journal.secrets')} />
    </article>
  );
}
