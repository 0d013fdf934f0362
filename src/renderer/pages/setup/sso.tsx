/**
 * Single sign-on comes first: Steeple refuses every SCIM request without it. Steeple's answer is evidence that it is there;
 * a person who has looked may say so, which the pre-flight then carries with their name.
 */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Answer } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Facts, Panel } from '../../ui/page.tsx';
import { Checks } from '../preview/checks.tsx';
import { Lead } from './lead.tsx';

type Props = Readonly<{ preflight: Answer<'preflight.show'> }>;

export function Sso({ preflight }: Props) {
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
      <Known preflight={preflight} />
    </>
  );
}

function Known({ preflight: { value, again } }: Props) {
  const { t } = useTranslation();
  const item = value?.items.find(({ code }) => code === 'sso');
  if (value === undefined || item === undefined) return <Notice tone="note">{t('wizard.sso.unknown')}</Notice>;
  const answers = value.items.find(({ code }) => code === 'upstream')?.state === 'green';
  return (
    <>
      {item.state === 'blocked' ? (
        <Notice
          tone="warn"
          title={t('wizard.sso.missing')}
          live="polite"
          action={
            <Button variant="default" onClick={again}>
              {t('wizard.test')}
            </Button>
          }
        >
          {t('wizard.sso.again')}
        </Notice>
      ) : (
        <Notice tone={answers ? 'good' : 'note'}>{t(answers ? 'wizard.sso.done' : 'wizard.sso.unknown')}</Notice>
      )}
      {item.state !== 'blocked' && (
        <Panel flush>
          <Checks items={[item]} plan={null} again={again} />
        </Panel>
      )}
    </>
  );
}
