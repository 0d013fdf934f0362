/** A draft read back as the plan of the contract. Its id is the text of what it says, so two ids agree just when the plans do. */
import type { Plan } from '../../daemon/contract/plan.ts';
import { lineOf } from '../../daemon/core/planline.ts';
import type { Draft } from '../../daemon/core/planview.ts';
import { operationOf } from '../../daemon/core/sending.ts';

export function readDraft({ outline, words, people, operations, strangers, risk }: Draft): {
  plan: Plan;
  risk: string;
} {
  const { basedOn, ...said } = outline;
  const lines = {
    people: [...people].map((bytes) => lineOf(bytes, words)),
    operations: [...operations].map((text, at) => operationOf(text, at + 1)),
    strangers: [...strangers].map((text) => JSON.parse(text) as Plan['strangers'][number]),
  };
  return { plan: { id: JSON.stringify([basedOn.mapping, said, lines]), ...outline, ...lines }, risk };
}
