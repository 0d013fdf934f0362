/** One index says of a source's people who is active, where two did: each a create has to touch is a page to flush. */
export const people = `
DROP INDEX person_active;
DROP INDEX person_list;
CREATE INDEX person_list ON person (source, num, state) WHERE state <> 'deleted';
`;
