/** Everything the assistant can take somebody to, by the names it has in the page's language. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { pages } from '../../preload/links.ts';
import { to } from '../route.ts';
import { useRelay } from '../store.ts';
import { conceptNames } from './concepts.ts';
import type { Findable } from './match.ts';
import { useAssistant } from './open.ts';

export type Kind = 'answer' | 'page' | 'setting' | 'step' | 'person' | 'group' | 'concept' | 'outside';
export type Thing = Findable & Readonly<{ key: string; kind: Kind; detail: string; go(): void }>;

const sections = [
  'sources',
  'policy',
  'standing',
  'protected',
  'externals',
  'reviewers',
  'notifications',
  'network',
  'keeping',
  'apps',
  'appearance',
  'about',
] as const;
const steps = ['sso', 'steeple', 'provider', 'screens', 'communities', 'mode', 'links', 'handover'] as const;

/** Closes what is open and goes to a page; also to the one that is shown, at another place of it. */
export function goTo(address: string): void {
  useAssistant.getState().close();
  location.hash = address;
}

export function useThings(): Thing[] {
  const { t } = useTranslation();
  const upstream = useRelay((state) => state.status?.upstream.url ?? null);
  const bridge = useRelay((state) => state.bridge);
  return useMemo(() => {
    const { tell, close } = useAssistant.getState();
    const things: Thing[] = [];
    for (const name of ['needs', 'enable'] as const)
      things.push({
        key: `question ${name}`,
        kind: 'answer',
        title: t(`assistant.${name}`),
        words: t(`assistant.${name}.words`),
        detail: '',
        go: () => tell({ kind: 'question', name }),
      });
    for (const name of pages)
      things.push({
        key: `page ${name}`,
        kind: 'page',
        title: t(`nav.${name}`),
        words: name,
        detail: '',
        go: () => goTo(to(name)),
      });
    for (const name of steps)
      things.push({
        key: `step ${name}`,
        kind: 'step',
        title: t(`wizard.step.${name}`),
        words: `${name} ${t('nav.setup')}`,
        detail: t('nav.setup'),
        go: () => goTo(to('setup', name)),
      });
    for (const name of sections)
      things.push({
        key: `setting ${name}`,
        kind: 'setting',
        title: t(`settings.${name}`),
        words: `${name} ${t('nav.settings')}`,
        detail: t('nav.settings'),
        go: () => goTo(to('settings', name)),
      });
    for (const name of conceptNames)
      things.push({
        key: `concept ${name}`,
        kind: 'concept',
        title: t(`concept.${name}`),
        words: `${name} ${t(`concept.${name}.words`)}`,
        detail: '',
        go: () => tell({ kind: 'concept', name }),
      });
    const outside = (link: 'steeple-integrations' | 'steeple-help', title: string, detail: string) =>
      things.push({
        key: link,
        kind: 'outside',
        title,
        words: `navigate_to administration integrations ${link}`,
        detail,
        go: () => {
          close();
          void bridge.open(link, upstream);
        },
      });
    if (upstream !== null) outside('steeple-integrations', t('integrations'), URL.parse(upstream)?.host ?? '');
    outside('steeple-help', t('help'), 'help.steeple.com');
    return things;
  }, [t, upstream, bridge]);
}
