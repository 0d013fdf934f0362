/** A failure as the person meets it: what it means to them, and the relay's own words. */
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../preload/contract.ts';
import { Notice } from './notice.tsx';
import { Said } from './said.tsx';

export function Problem({ failure, title }: Readonly<{ failure: Failure; title?: string }>) {
  const { t } = useTranslation();
  // The banner says it already, for all of the page.
  if (failure.code === 'offline' || failure.code === 'unauthorized') return null;
  return (
    <Notice tone="risk" title={title ?? t('problem')} live="assertive">
      <Said by={failure.said}>{failure.message}</Said>
    </Notice>
  );
}
