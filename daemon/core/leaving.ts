/**
 * Which mapped groups somebody leaves, for the limits on groups (core/limits.ts says what a mapped group is).
 *
 * Pure.
 */
import { pair } from './gate.ts';
import type { Case, World } from './plan.ts';

/**
 * The mapped groups somebody leaves, as core/limits.ts counts them: those that gave one pair, or all of them. One they stay
 * in is not left, whatever role they lose.
 */
export function groupsLeft(
  { holds, targets, wanted }: Pick<Case, 'holds' | 'targets' | 'wanted'>,
  { mapping, targets: known }: Pick<World, 'mapping' | 'targets'>,
) {
  const stays = new Set(wanted ? targets : []);
  return (only?: Readonly<{ community: string; role: string }>): string[] => {
    const isAsked = ({ community, role }: Readonly<{ community: string; role: string }>) =>
      only === undefined || (community === only.community && role === only.role);
    const left = holds.filter((key) => !stays.has(key));
    const groups = left.flatMap((key) => {
      const grants = (known.get(key)?.grants ?? []).filter(isAsked);
      return mapping.mode === 'managed'
        ? grants.map((one) => pair(one.community, one.role))
        : grants.length > 0
          ? [key]
          : [];
    });
    return [...new Set(groups)].sort();
  };
}
