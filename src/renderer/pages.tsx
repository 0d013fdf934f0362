/**
 * The pages as they are shown. Once the first one stands, the files of the rest are fetched too: a relay that goes away
 * must not take the pages with it that were not looked at yet.
 */
import { Button } from '@mantine/core';
import { IconRefreshAlert } from '@tabler/icons-react';
import { Component, type ComponentType, lazy, type ReactNode, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { pages } from '../preload/links.ts';
import type { PageName } from './address.ts';
import { whenIdle } from './idle.ts';
import { fetched } from './pagefiles.ts';
import { Empty } from './ui/empty.tsx';
import { Page } from './ui/page.tsx';

export const pageOf: Readonly<Record<PageName, ComponentType>> = {
  overview: lazy(fetched.overview),
  setup: lazy(fetched.setup),
  mapping: lazy(fetched.mapping),
  preview: lazy(fetched.preview),
  review: lazy(fetched.review),
  people: lazy(fetched.people),
  groups: lazy(fetched.groups),
  activity: lazy(fetched.activity),
  settings: lazy(fetched.settings),
};

/** Fetches what is not here yet, one after the other, when the browser has nothing better to do. */
function useTheRest(): void {
  useEffect(() => {
    const rest = [...pages];
    let stop = () => {};
    const next = (): void => {
      const name = rest.shift();
      // One that cannot be had now is asked for again when somebody goes there, and says so then.
      if (name !== undefined) void fetched[name]().then(later, later);
    };
    const later = (): void => {
      stop = whenIdle(next);
    };
    const timer = setTimeout(later, 1_500);
    return () => {
      clearTimeout(timer);
      rest.length = 0;
      stop();
    };
  }, []);
}

/** Around a page: its name stands while the rest of it is fetched, and words stand where that failed. */
export function Loading({ page, children }: Readonly<{ page: PageName; children: ReactNode }>) {
  const { t } = useTranslation();
  useTheRest();
  return (
    <Caught key={page} fallback={<NotThere page={page} />}>
      <Suspense fallback={<Page title={t(`nav.${page}`)}>{null}</Page>}>{children}</Suspense>
    </Caught>
  );
}

/** After an update of the relay the page's old files are gone: loading it anew gets the new ones. */
function NotThere({ page }: Readonly<{ page: PageName }>) {
  const { t } = useTranslation();
  return (
    <Page title={t(`nav.${page}`)}>
      <Empty
        icon={IconRefreshAlert}
        title={t('loading.failed')}
        action={<Button onClick={() => location.reload()}>{t('loading.again')}</Button>}
      >
        {t('loading.failedWhy')}
      </Empty>
    </Page>
  );
}

class Caught extends Component<Readonly<{ fallback: ReactNode; children: ReactNode }>, Readonly<{ failed: boolean }>> {
  override state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });
  override render() {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}
