/** Ids as the names people gave them. What has no name (yet) is shown by its id. */
import { useMemo } from 'react';
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
