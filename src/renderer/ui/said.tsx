/** A sentence of the relay's own, in the page's language where it is known there; else as it is, and marked as English. */
import { useTranslation } from 'react-i18next';
import type { Said as ByCode } from '../../../daemon/contract/said.ts';
import { french } from '../i18n/said.ts';

type Props = Readonly<{
  children: string;
  /** The same by its code, where the answer has it. */
  by?: ByCode | readonly (ByCode | null)[] | null | undefined;
}>;

export function Said({ children, by }: Props) {
  const language = useTranslation().i18n.resolvedLanguage;
  if (language !== 'fr') return children;
  const words = french(children, by);
  return words === undefined ? <span lang="en">{children}</span> : words;
}
