/**
 * Fewer indexes on what is owed, and those that answer by what a row is: ten rows are owed for each person of a first load,
 * and every index is written when a row comes, is claimed and is settled. A line is asked for its members, for what is not
 * one, and for what is on its way; none of the three is looked for among the others.
 */
export const delivery = `
DROP INDEX delivery_open;
DROP INDEX delivery_member;
DROP INDEX delivery_due;
DROP INDEX delivery_state;
CREATE INDEX delivery_open ON delivery (lane, state, (kind IN ('member.add', 'member.remove')), id)
  WHERE state IN ('ready', 'sending');
CREATE INDEX delivery_due ON delivery (due_at) WHERE state = 'ready' AND due_at > 0;
CREATE INDEX delivery_dead ON delivery (id) WHERE state = 'dead';
`;
