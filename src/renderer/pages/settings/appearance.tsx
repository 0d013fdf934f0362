/** How the page looks and speaks, and the name decisions are recorded under: kept in this browser, not in the relay. */
import { NativeSelect, TextInput, useMantineColorScheme } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { languages, speak } from '../../i18n/language.ts';
import { useRelay } from '../../store.ts';
import { Row, Section } from '../../ui/setting.tsx';

const schemes = ['auto', 'light', 'dark'] as const;

export function Appearance() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const me = useRelay((state) => state.me);
  const setMe = useRelay((state) => state.setMe);
  const named = useRelay((state) => state.named);
  const [language, scheme, name] = [useId(), useId(), useId()];
  return (
    <Section title={t('settings.appearance')} lead={t('appearance.lead')}>
      <Row label={t('language')} labelFor={language}>
        <NativeSelect
          id={language}
          value={i18n.resolvedLanguage ?? 'en'}
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          onChange={({ currentTarget }) => speak(currentTarget.value)}
        />
      </Row>
      <Row label={t('scheme')} labelFor={scheme}>
        <NativeSelect
          id={scheme}
          value={colorScheme}
          data={schemes.map((value) => ({ value, label: t(`scheme.${value}`) }))}
          onChange={({ currentTarget }) => setColorScheme(currentTarget.value as (typeof schemes)[number])}
        />
      </Row>
      <Row label={t('me.label')} why={t(named ? 'me.session' : 'me.why')} labelFor={name}>
        <TextInput
          readOnly={named}
          id={name}
          value={me}
          maxLength={200}
          onChange={({ currentTarget }) => setMe(currentTarget.value)}
        />
      </Row>
    </Section>
  );
}
