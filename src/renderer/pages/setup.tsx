/** Setting up, step by step. */
import { useTranslation } from 'react-i18next';
import { statusOf, useRelay } from '../store.ts';
import { Page } from '../ui/page.tsx';
import { Setup as Steps } from './overview/setup.tsx';

export function Setup() {
  const { t } = useTranslation();
  const status = useRelay(statusOf);
  return <Page title={t('nav.setup')}>{status !== undefined && <Steps status={status} />}</Page>;
}
