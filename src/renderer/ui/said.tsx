/** A sentence of the relay's own, in the page's language where it is known there; else as it is, and marked as English. */
import { useTranslation } from 'react-i18next';
import { french } from '../i18n/relay.fr.ts';

export function Said({ children }: Readonly<{ children: string }>) {
  const language = useTranslation().i18n.resolvedLanguage;
  if (language !== 'fr') return children;
  const words = french(children);
  return words === undefined ? <span lang="en">{children}</span> : words;
}
