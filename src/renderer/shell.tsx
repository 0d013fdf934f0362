/** What surrounds every page: where one can go, whether the relay is there, who is at the keyboard, and how it looks. */
import { ActionIcon, Button, Menu, Popover, TextInput, Tooltip, useMantineColorScheme } from '@mantine/core';
import {
  IconActivity,
  IconArrowsSplit2,
  IconCheck,
  IconDeviceDesktop,
  IconEye,
  IconHelp,
  IconLanguage,
  IconLayoutDashboard,
  IconMoon,
  IconPlugConnected,
  IconSettings,
  IconSun,
  IconUser,
  IconUserCheck,
  IconUsers,
} from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { PageName } from './address.ts';
import { Assistant, FindButton, PanelButton } from './assistant/assistant.tsx';
import { useFormat } from './format.ts';
import { languages, speak } from './i18n/language.ts';
import mark from './mark.svg';
import { to, useRoute } from './route.ts';
import classes from './shell.module.css';
import { statusOf, useRelay } from './store.ts';
import { Tag } from './ui/tag.tsx';

/** The pages one can go to from anywhere, in the order of the work. Groups are reached by way of People. */
const places = {
  overview: IconLayoutDashboard,
  setup: IconPlugConnected,
  mapping: IconArrowsSplit2,
  preview: IconEye,
  review: IconUserCheck,
  people: IconUsers,
  activity: IconActivity,
  settings: IconSettings,
} as const;
type Place = keyof typeof places;
const placeOf = (page: PageName): Place => (page === 'groups' ? 'people' : page);

export function Shell({ children }: Readonly<{ children: ReactNode }>) {
  const { t } = useTranslation();
  const { page } = useRoute();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(page);

  useEffect(() => {
    document.title = `${t(`nav.${page}`)} – Steeple Companion`;
    // A new page begins at its top, also for who reads it with a screen reader.
    if (shown.current !== page) main.current?.focus({ preventScroll: true });
    shown.current = page;
  }, [page, t]);

  return (
    <div className={classes.shell}>
      <button type="button" className={classes.skip} onClick={() => main.current?.focus()}>
        {t('skip')}
      </button>
      <nav className={classes.nav} aria-label={t('nav')}>
        <div className={classes.brand}>
          <img src={mark} width={24} height={24} alt="" />
          <span>Steeple Companion</span>
        </div>
        <FindButton />
        <ul>
          {(Object.keys(places) as Place[]).map((name) => (
            <li key={name}>
              <NavLink name={name} current={name === placeOf(page)} />
            </li>
          ))}
        </ul>
        <div className={classes.foot}>
          <SyncState />
          <div className={classes.tools}>
            <Person />
            <Language />
            <Scheme />
            <PanelButton />
            <Help />
          </div>
        </div>
      </nav>
      <div className={classes.body}>
        <Banner />
        <main ref={main} tabIndex={-1} className={classes.main}>
          {children}
        </main>
      </div>
      <Assistant />
    </div>
  );
}

function NavLink({ name, current }: Readonly<{ name: Place; current: boolean }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const held = useRelay((state) => state.status?.held.count ?? 0);
  const dead = useRelay((state) => state.status?.deliveries.dead ?? 0);
  const Icon = places[name];
  const count = name === 'review' ? held : name === 'activity' ? dead : 0;
  return (
    <a href={to(name)} aria-current={current ? 'page' : undefined} className={classes.link}>
      <Icon size={17} stroke={1.75} aria-hidden />
      <span>{t(`nav.${name}`)}</span>
      {count > 0 && (
        <span className={classes.count} data-tone={name === 'activity' ? 'risk' : 'warn'}>
          {format.number(count)}
          <span className={classes.unseen}> {t(name === 'activity' ? 'nav.dead' : 'nav.held', { count })}</span>
        </span>
      )}
    </a>
  );
}

function SyncState() {
  const { t } = useTranslation();
  const status = useRelay(statusOf);
  if (status === undefined) return null;
  const on = status.sync.state === 'on';
  return (
    <div className={classes.sync}>
      <span>{t('sync')}</span>
      <Tag tone={on ? 'good' : 'quiet'}>{t(on ? 'sync.on' : 'sync.off')}</Tag>
    </div>
  );
}

function Banner() {
  const { t } = useTranslation();
  const format = useFormat();
  const presence = useRelay((state) => state.presence);
  const heardAt = useRelay((state) => state.heardAt);
  const away = presence === 'away';
  return (
    <div role="status" aria-live="polite">
      {away && (
        <div className={classes.banner}>
          <strong>{t('away.title')}</strong>{' '}
          {heardAt === undefined ? t('away.never') : t('away.since', { time: format.clock(heardAt) })}
        </div>
      )}
    </div>
  );
}

function Person() {
  const { t } = useTranslation();
  const me = useRelay((state) => state.me);
  const setMe = useRelay((state) => state.setMe);
  const named = useRelay((state) => state.named);
  const who = me === '' ? t('me.unknown') : t('me.known', { name: me });
  return (
    <Popover position="top-start" width={260} trapFocus shadow="md">
      <Popover.Target>
        <Tooltip label={who}>
          <ActionIcon variant="subtle" color="gray" aria-label={who}>
            <IconUser size={17} stroke={1.75} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <TextInput
          label={t('me.label')}
          readOnly={named}
          description={t(named ? 'me.session' : 'me.why')}
          value={me}
          onChange={({ currentTarget }) => setMe(currentTarget.value)}
          maxLength={200}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Language() {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="top-start">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('language')}>
          <IconLanguage size={17} stroke={1.75} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(languages).map(([code, name]) => (
          <Menu.Item
            key={code}
            lang={code}
            onClick={() => speak(code)}
            rightSection={i18n.resolvedLanguage === code ? <IconCheck size={14} aria-label={t('chosen')} /> : undefined}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const schemes = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon } as const;

function Scheme() {
  const { t } = useTranslation();
  // Pausing transitions while it changes would inject a <style>.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const Icon = schemes[colorScheme];
  return (
    <Menu position="top-start">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('scheme')}>
          <Icon size={17} stroke={1.75} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(['auto', 'light', 'dark'] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme ? <IconCheck size={14} aria-label={t('chosen')} /> : undefined}
          >
            {t(`scheme.${scheme}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Help() {
  const { t } = useTranslation();
  const bridge = useRelay((state) => state.bridge);
  return (
    <Tooltip label={t('help')}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t('help')}
        onClick={() => void bridge.open('steeple-help', null)}
      >
        <IconHelp size={17} stroke={1.75} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/** Goes to the organization's own page in Steeple, where there is an address for it. */
export function IntegrationsButton() {
  const { t } = useTranslation();
  const bridge = useRelay((state) => state.bridge);
  const upstream = useRelay((state) => state.status?.upstream.url ?? null);
  if (upstream === null) return null;
  return (
    <Button variant="default" onClick={() => void bridge.open('steeple-integrations', upstream)}>
      {t('integrations')}
    </Button>
  );
}
