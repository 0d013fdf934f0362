/** How the relay is set: its sources, its policy, and everything else that is decided once. One section at a time. */
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { to, useRoute } from '../route.ts';
import { statusOf, useRelay } from '../store.ts';
import { Page } from '../ui/page.tsx';
import { Who } from '../ui/setting.tsx';
import { Tag } from '../ui/tag.tsx';
import { About } from './settings/about.tsx';
import { Appearance } from './settings/appearance.tsx';
import { Apps } from './settings/apps.tsx';
import { Device } from './settings/device.tsx';
import { Externals } from './settings/externals.tsx';
import { Keeping } from './settings/keeping.tsx';
import { NetworkSection } from './settings/network.tsx';
import { Notifications } from './settings/notifications.tsx';
import { PolicySection } from './settings/policy.tsx';
import { Proposed } from './settings/proposed.tsx';
import { Protected } from './settings/protected.tsx';
import { Reviewers } from './settings/reviewers.tsx';
import classes from './settings/settings.module.css';
import { Sources } from './settings/sources.tsx';
import { Standing } from './settings/standing.tsx';

const sections = {
  sources: Sources,
  policy: PolicySection,
  standing: Standing,
  protected: Protected,
  reviewers: Reviewers,
  externals: Externals,
  notifications: Notifications,
  network: NetworkSection,
  keeping: Keeping,
  apps: Apps,
  device: Device,
  appearance: Appearance,
  about: About,
} as const satisfies Record<string, ComponentType>;
type SectionName = keyof typeof sections;
const names = Object.keys(sections) as SectionName[];

export function Settings() {
  const { t } = useTranslation();
  const { rest } = useRoute();
  const status = useRelay(statusOf);
  // A browser has no computer of its own to speak of.
  const inApp = useRelay((state) => state.bridge.app !== undefined);
  const shown = names.filter((name) => inApp || name !== 'device');
  const [wanted] = (rest ?? '').split('/');
  const chosen = shown.find((name) => name === wanted) ?? 'sources';
  const Chosen = sections[chosen];
  return (
    <Page title={t('nav.settings')} lead={t('settings.lead')}>
      <div className={classes.settings}>
        <nav aria-label={t('settings.sections')} className={classes.sections}>
          <ul>
            {shown.map((name) => (
              <li key={name}>
                <a href={to('settings', name)} aria-current={name === chosen ? 'true' : undefined}>
                  {t(`settings.${name}`)}
                  {name === 'externals' && (status?.externals?.due ?? 0) > 0 && (
                    <Tag tone="warn">{status?.externals?.due}</Tag>
                  )}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className={classes.content}>
          <Who />
          {(chosen === 'policy' || chosen === 'standing' || chosen === 'protected') && <Proposed />}
          {status !== undefined && <Chosen key={chosen} />}
        </div>
      </div>
    </Page>
  );
}
