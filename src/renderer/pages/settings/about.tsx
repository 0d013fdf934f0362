/** Which relay this is, where it keeps what it has, and where to find help. */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { useStoreName } from '../../names.ts';
import { statusOf, useRelay } from '../../store.ts';
import { Row, Section } from '../../ui/setting.tsx';
import { Checkup } from './checkup.tsx';
import classes from './settings.module.css';

export function About() {
  const { t } = useTranslation();
  const format = useFormat();
  const storeName = useStoreName();
  const status = useRelay(statusOf);
  const bridge = useRelay((state) => state.bridge);
  const attached = useRelay((state) => state.attached);
  if (status === undefined) return null;
  return (
    <>
      <Section
        title="Steeple Companion"
        lead={t('about.lead')}
        aside={
          <Button variant="default" onClick={() => void bridge.open('steeple-help', null)}>
            {t('help')}
          </Button>
        }
      >
        <Row label={t('about.version')}>{status.version}</Row>
        <Row label={t('about.running')}>{format.when(status.startedAt)}</Row>
        <Row label={t('about.scim')} why={t('about.scim.why')}>
          <code className={classes.code}>{status.scim}</code>
        </Row>
        <Row label={t('about.data')} why={t('about.data.why')}>
          <code className={classes.code}>{status.data}</code>
        </Row>
        <Row label={t('about.kept')} why={t('about.kept.why')}>
          {storeName(status.upstream.kept)}
        </Row>
        <Row label={t('about.process')}>
          {t(attached === undefined ? 'about.browser' : `about.${attached.how}`, { pid: status.pid })}
        </Row>
        <Row label={t('about.licence')}>Apache-2.0</Row>
      </Section>
      <Checkup />
    </>
  );
}
