/** Single sign-on comes first: Steeple refuses every SCIM request without it. The test of the token says whether it is there. */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Answer } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Facts } from '../../ui/page.tsx';
import { Lead } from './lead.tsx';

type Props = Readonly<{ test: Answer<'upstream.test'> }>;

export function Sso({ test }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <Lead>{t('wizard.sso.lead')}</Lead>
      <Facts
        rows={[
          [t('wizard.sso.where'), t('wizard.sso.whereIs')],
          [t('wizard.sso.who'), t('wizard.sso.whoIs')],
          [t('wizard.sso.how'), t('wizard.sso.howIs')],
        ]}
      />
      <Known test={test} />
    </>
  );
}

function Known({ test: { value, asking, again } }: Props) {
  const { t } = useTranslation();
  if (value?.verdict === 'fine') return <Notice tone="good" title={t('wizard.sso.done')} />;
  if (value?.verdict !== 'sso-not-configured') return <Notice tone="note">{t('wizard.sso.unknown')}</Notice>;
  return (
    <Notice
      tone="warn"
      title={t('wizard.sso.missing')}
      live="polite"
      action={
        <Button variant="default" onClick={again} loading={asking}>
          {t('wizard.test')}
        </Button>
      }
    >
      {t('wizard.sso.again')}
    </Notice>
  );
}
