/** Ids as the names people gave them. What has no name (yet) is shown by its id. */
import { useMemo } from 'react';
import { useWords } from './i18n/tongue.ts';
import { useAnswer, useRelay } from './store.ts';

export function useCommunityName(): (id: string) => string {
  const version = useRelay((state) => state.status?.mapping.version);
  // Communities come with a mapping or an import; both are rare, so this is asked once per version.
  const { value } = useAnswer('communities.list', version === undefined ? undefined : {}, false);
  return useMemo(() => {
    const names = new Map((value ?? []).map(({ id, name }) => [id, name]));
    return (id: string) => names.get(id) ?? id;
  }, [value]);
}

export function useSourceName(): (id: string) => string {
  const sources = useRelay((state) => state.status?.sources);
  return useMemo(() => {
    const names = new Map((sources ?? []).map(({ id, name }) => [id, name]));
    return (id: string) => names.get(id) ?? id;
  }, [sources]);
}

const stores = {
  keychain: 'wizard.kept.keychain',
  'sealed file (key from systemd)': 'wizard.kept.systemd',
  'sealed file (key file beside it, readable by its owner only)': 'wizard.kept.file',
  'sealed file (key file beside it, as well protected as its folder)': 'wizard.kept.fileWindows',
} as const;
const isKnown = (kept: string): kept is keyof typeof stores => Object.hasOwn(stores, kept);

/** Which store holds tokens; one of a newer relay is named as it names itself. */
export function useStoreName(): (kept: string) => string {
  const t = useWords();
  return (kept) => (isKnown(kept) ? t(stores[kept]) : kept);
}
