/** Managed or mirror: who decides in Steeple what a group gives. The choice is a version of the mapping like any other. */
import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Status } from '../../../../daemon/contract/status.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useSignature } from '../../ui/signed.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Card, Cards } from './cards.tsx';
import { pairName } from './handover.tsx';
import { Lead } from './lead.tsx';
import classes from './setup.module.css';

type Choice = Readonly<{ mode: 'managed' | 'mirror'; nameTemplate: string }>;

export function Mode({ status, example }: Readonly<{ status: Status; example: string | undefined }>) {
  const { t } = useTranslation();
  const { value } = useAnswer('mapping.show', {});
  if (value === undefined) return <Lead>{t('wizard.mode.lead')}</Lead>;
  return (
    <>
      <Lead>{t('wizard.mode.lead')}</Lead>
      <Form key={`${value.mode} ${value.nameTemplate}`} now={value} status={status} example={example ?? 'Finance'} />
    </>
  );
}

function Form({ now, status, example }: Readonly<{ now: Choice; status: Status; example: string }>) {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const { by, field } = useSignature();
  const [mode, setMode] = useState(now.mode);
  const [nameTemplate, setTemplate] = useState(now.nameTemplate);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const { version } = status.mapping;
  const changed = mode !== now.mode || nameTemplate !== now.nameTemplate;

  async function choose(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure(await publish({ mode, nameTemplate }));
    setBusy(false);
  }
  /** Only what is chosen here changes: the links stay as they are in force. */
  async function publish(choice: Choice): Promise<Failure | undefined> {
    const file = await call('mapping.export', {});
    if (!file.ok) return file;
    const note = `${t('wizard.step.mode')}: ${t(`wizard.mode.${choice.mode}`)}`;
    const reply = await call('mapping.import', { text: JSON.stringify({ ...file.value, ...choice }), note, by });
    return reply.ok ? undefined : reply;
  }
  return (
    <form className={classes.form} onSubmit={(event) => void choose(event)}>
      {failure !== undefined && <Problem failure={failure} />}
      <Cards label={t('wizard.mode.which')}>
        {(['managed', 'mirror'] as const).map((one) => (
          <Card
            key={one}
            group="mode"
            value={one}
            chosen={mode === one}
            onChoose={() => setMode(one)}
            title={
              <>
                {t(`wizard.mode.${one}`)} {one === 'managed' && <Tag tone="note">{t('wizard.mode.managedTag')}</Tag>}
              </>
            }
          >
            {t(`wizard.mode.${one}Is`)} <em>{t(`wizard.mode.${one}For`)}</em>
          </Card>
        ))}
      </Cards>
      {mode === 'managed' && (
        <div className={classes.narrow}>
          <TextInput
            label={t('wizard.mode.template')}
            description={t('wizard.mode.templateWhy', { example: pairName(nameTemplate, example, 'administrator') })}
            required
            maxLength={200}
            spellCheck={false}
            value={nameTemplate}
            onChange={({ currentTarget }) => setTemplate(currentTarget.value)}
          />
        </div>
      )}
      {status.sync.since !== null && changed && <Notice tone="warn">{t('wizard.mode.effect')}</Notice>}
      {field}
      <div className={classes.buttons}>
        <span className={classes.aside}>
          {version > 0 ? t('wizard.mode.chosen', { version }) : t('wizard.mode.default')}
        </span>
        <Button
          type="submit"
          loading={busy}
          disabled={by === '' || nameTemplate.trim() === '' || (version > 0 && !changed)}
        >
          {t('wizard.mode.choose')}
        </Button>
      </div>
    </form>
  );
}
