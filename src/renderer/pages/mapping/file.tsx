/** The mapping as a file: taken in through the draft, after every fault in it was named; and given out to be kept in git. */
import { Button, Textarea } from '@mantine/core';
import { type FormEvent, useDeferredValue, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../../preload/contract.ts';
import { useMapping } from '../../mapping.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { useSignature } from '../../ui/signed.tsx';
import classes from './mapping.module.css';

const mostFaults = 40;

export function Import({ onDone }: Readonly<{ onDone(): void }>) {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const load = useMapping((state) => state.load);
  const exists = useMapping((state) => state.board?.draft.exists ?? false);
  const { by, field } = useSignature();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const picker = useRef<HTMLInputElement>(null);
  const asked = useDeferredValue(text).trim();
  const { value } = useAnswer('mapping.validate', asked === '' ? undefined : { text: asked }, false);
  const faults = value?.faults ?? [];

  async function take(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const reply = await call('mapping.draft.import', { text: text.trim(), by });
    setBusy(false);
    if (!reply.ok) return setFailure(reply);
    await load();
    onDone();
  }
  return (
    <form className={classes.form} onSubmit={(event) => void take(event)}>
      <p className={classes.plain}>
        {t('map.file.words')} {exists && t('map.file.replaces')}
      </p>
      {failure !== undefined && <Problem failure={failure} />}
      <Textarea
        label={t('map.file.text')}
        required
        rows={10}
        spellCheck={false}
        classNames={{ input: classes.mono ?? '' }}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        data-autofocus
      />
      <div role="status">
        {value !== undefined && faults.length === 0 && (
          <Notice tone="good">{t('map.file.fine', { count: value.links })}</Notice>
        )}
        {faults.length > 0 && (
          <Notice tone="warn" title={t('map.file.faults', { count: faults.length })}>
            <ul className={classes.faults}>
              {faults.slice(0, mostFaults).map(({ line, path, message, said }) => (
                <li key={`${line} ${path} ${message}`}>
                  {line !== null && <strong>{t('map.file.line', { line })}: </strong>}
                  <Said by={said}>{message}</Said>
                </li>
              ))}
            </ul>
          </Notice>
        )}
      </div>
      {field}
      <div className={classes.buttons}>
        <input
          ref={picker}
          type="file"
          accept=".json,.csv,application/json,text/csv"
          hidden
          onChange={async ({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file !== undefined) setText(await file.text());
          }}
        />
        <Button variant="default" onClick={() => picker.current?.click()}>
          {t('map.file.choose')}
        </Button>
        <Button
          type="submit"
          loading={busy}
          disabled={by === '' || value === undefined || faults.length > 0 || asked !== text.trim()}
        >
          {t('map.file.take')}
        </Button>
      </div>
    </form>
  );
}

/** Gives the file to the browser to be kept where the person says. */
export async function exported(of: 'draft' | 'published', format: 'json' | 'csv'): Promise<Failure | undefined> {
  const reply = await useRelay.getState().call('mapping.file', { of, format, names: true });
  if (!reply.ok) return reply;
  const address = URL.createObjectURL(
    new Blob([reply.value.text], { type: format === 'json' ? 'application/json' : 'text/csv' }),
  );
  const link = document.createElement('a');
  link.href = address;
  link.download = `steeple-mapping-${of}.${format}`;
  link.click();
  URL.revokeObjectURL(address);
  return undefined;
}
