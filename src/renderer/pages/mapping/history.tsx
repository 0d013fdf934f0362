/** Every version there was: who, when, why, what it changed; and going back to one, which makes a new version. */
import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VersionRow } from '../../../../daemon/contract/versions.ts';
import { useMapping } from '../../mapping.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Moment } from '../../ui/words.tsx';
import { Consequence, Difference } from './difference.tsx';
import classes from './mapping.module.css';

export function History() {
  const { t } = useTranslation();
  const { value } = useAnswer('mapping.history', { limit: 200 });
  const [chosen, setChosen] = useState<number>();
  if (value === undefined) return null;
  if (value.items.length === 0) return <p className={classes.quiet}>{t('map.history.none')}</p>;
  const row = value.items.find(({ version }) => version === chosen) ?? value.items[0];
  return (
    <div className={classes.history}>
      <ul className={classes.versions} aria-label={t('map.history.title')}>
        {value.items.map((version) => (
          <li key={version.version}>
            <button
              type="button"
              aria-pressed={version.version === row?.version}
              onClick={() => setChosen(version.version)}
              className={classes.version}
            >
              <span className={classes.versionHead}>
                <strong>{t('map.history.version', { version: version.version })}</strong>
                {version.inForce && <Tag tone="good">{t('map.history.inForce')}</Tag>}
              </span>
              <span className={classes.quiet}>
                {version.author} · <Moment at={version.at} /> · {t(`map.history.origin.${version.origin}`)}
              </span>
              <span className={classes.versionNote} data-none={version.note === '' || undefined}>
                {version.note === '' ? t('map.history.noNote') : version.note}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {row !== undefined && <Version key={row.version} row={row} />}
    </div>
  );
}

function Version({ row: { version, inForce } }: Readonly<{ row: VersionRow }>) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  return (
    <div className={classes.versionDetail}>
      <section>
        <h3>{t('map.history.before', { version })}</h3>
        <Difference from={version - 1} to={version} />
      </section>
      {inForce ? (
        <p className={classes.quiet}>{t('map.history.current')}</p>
      ) : (
        <section>
          <h3>{t('map.history.against', { version })}</h3>
          <Consequence base={version} against="published" />
          <div className={classes.rollback}>
            <Ask
              title={t('map.history.rollback', { version })}
              opens={t('map.history.rollback', { version })}
              does={t('map.history.rollback', { version })}
              act={async () => {
                const { call, me } = useRelay.getState();
                const reply = await call('mapping.rollback', { version, note: note.trim(), by: me.trim() });
                if (!reply.ok) return reply;
                await useMapping.getState().load();
                return undefined;
              }}
            >
              <p className={classes.plain}>{t('map.history.rollbackWords')}</p>
              <Difference from="published" to={version} />
              <Textarea
                label={t('map.draft.note')}
                rows={2}
                maxLength={1000}
                value={note}
                onChange={({ currentTarget }) => setNote(currentTarget.value)}
              />
            </Ask>
          </div>
        </section>
      )}
    </div>
  );
}
