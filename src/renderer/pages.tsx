/**
 * Every page by its name, each in a file of its own that is fetched when it is first wanted. Once the first one stands,
 * the rest are fetched too: a relay that goes away must not take the pages with it that were not looked at yet.
 */
import { Button } from '@mantine/core';
import { IconRefreshAlert } from '@tabler/icons-react';
import { Component, type ComponentType, lazy, type ReactNode, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { pages } from '../preload/links.ts';
import type { PageName } from './route.ts';
import { Empty } from './ui/empty.tsx';
import { Page } from './ui/page.tsx';

type Module = Readonly<{ default: ComponentType }>;
export const fetched = {
  overview: () => import('./pages/overview.tsx').then(({ Overview }) => ({ default: Overview })),
  setup: () => import('./pages/setup.tsx').then(({ Setup }) => ({ default: Setup })),
  mapping: () => import('./pages/mapping.tsx').then(({ Mapping }) => ({ default: Mapping })),
  preview: () => import('./pages/preview.tsx').then(({ Preview }) => ({ default: Preview })),
  review: () => import('./pages/review.tsx').then(({ Review }) => ({ default: Review })),
  people: () => import('./pages/people.tsx').then(({ People }) => ({ default: People })),
  groups: () => import('./pages/groups.tsx').then(({ Groups }) => ({ default: Groups })),
  activity: () => import('./pages/activity.tsx').then(({ Activity }) => ({ default: Activity })),
  settings: () => import('./pages/settings.tsx').then(({ Settings }) => ({ default: Settings })),
} as const satisfies Record<PageName, () => Promise<Module>>;

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

/** What takes the relay longest to say for a page can be asked while the page itself is on its way. */
const ahead: Partial<Record<PageName, () => Promise<void>>> = {
  mapping: () => import('./mapping.ts').then(({ useMapping }) => useMapping.getState().begin()),
};
/** To be called once the bridge is there, with the page the address names. A page that cannot be had says so itself. */
export function prepare(page: PageName): void {
  for (const get of [fetched[page], ahead[page]]) void get?.().catch(() => undefined);
}

/** Fetches what is not here yet, one after the other, when the browser has nothing better to do. */
function useTheRest(): void {
  useEffect(() => {
    let stopped = false;
    const timer = setTimeout(async () => {
      // One that cannot be had now is asked for again when somebody goes there, and says so then.
      for (const name of pages) if (!stopped) await fetched[name]().catch(() => undefined);
    }, 1_500);
    return () => {
      stopped = true;
      clearTimeout(timer);
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
