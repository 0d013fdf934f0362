/** The page's languages. A person's choice is kept; before one is made, the browser's or the system's decides. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en.ts';
import { fr } from './fr.ts';
import { typesetAll } from './typeset.ts';

export const languages = { en: 'English', fr: 'Français' } as const;
export type Language = keyof typeof languages;
const remembered = 'steeple-companion.language';

const known = (tag: string | null): Language | undefined => {
  const base = tag?.slice(0, 2).toLowerCase();
  return base === 'en' || base === 'fr' ? base : undefined;
};

/** To be called once, before the first render. The words are in the bundle, so nothing has to be waited for. */
export function begin(): void {
  const wished = known(localStorage.getItem(remembered)) ?? navigator.languages.map(known).find((tag) => tag) ?? 'en';
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
  void i18next.use(initReactI18next).init({
    lng: wished,
    fallbackLng: 'en',
    resources: { en: { translation: en }, fr: { translation: typesetAll(fr) } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false }, // React escapes
    initAsync: false,
  });
}

export function speak(language: string): void {
  const chosen = known(language) ?? 'en';
  localStorage.setItem(remembered, chosen);
  void i18next.changeLanguage(chosen);
}

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    keySeparator: false;
    nsSeparator: false;
  }
}
