/** The page: the shell around whichever page the address names, or how to get in where this browser is not known. */
import { MantineProvider } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './app.module.css';
import { Loading, pageOf } from './pages.tsx';
import { useRoute } from './route.ts';
import { Shell } from './shell.tsx';
import { useRelay } from './store.ts';
import { theme } from './theme.ts';
import { Command } from './ui/command.tsx';
import { Empty } from './ui/empty.tsx';

export function App() {
  // The variables are in a stylesheet already (electron.vite.config.ts): written by the provider they would be a <style>.
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Inside />
    </MantineProvider>
  );
}

function Inside() {
  const { page } = useRoute();
  const presence = useRelay((state) => state.presence);
  const Shown = pageOf[page];
  if (presence === 'starting') return null;
  if (presence === 'out') return <Outside />;
  return (
    <Shell>
      <Loading page={page}>
        <Shown />
      </Loading>
    </Shell>
  );
}

function Outside() {
  const { t } = useTranslation();
  return (
    <main className={classes.outside}>
      <h1 className={classes.name}>Steeple Companion</h1>
      <Empty icon={IconLock} title={t('out.title')} action={<Command line="steeple-relay console" />}>
        {t('out.words')}
      </Empty>
      <p className={classes.note}>{t('out.note')}</p>
    </main>
  );
}
