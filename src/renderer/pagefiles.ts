/** Every page by its name, each in a file of its own that is fetched when it is first wanted. Without React, as ahead.ts. */
import type { ComponentType } from 'react';
import type { PageName } from './address.ts';

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
