/**
 * The words for rows of long lists. `useTranslation` copies the whole of i18next's instance for each component that calls
 * it, which in a list that scrolls costs more than the rows do; so rows, and what they are made of, call `useWords`.
 */
import i18next, { type TFunction } from 'i18next';
import { useSyncExternalStore } from 'react';

const subscribe = (changed: () => void) => {
  i18next.on('languageChanged', changed);
  return () => i18next.off('languageChanged', changed);
};
const languageNow = (): string => i18next.resolvedLanguage ?? 'en';
export const useLanguage = (): string => useSyncExternalStore(subscribe, languageNow);

const spoken = new Map<string, TFunction>();
export function useWords(): TFunction {
  const language = useLanguage();
  const t = spoken.get(language) ?? i18next.getFixedT(language);
  spoken.set(language, t);
  return t;
}
