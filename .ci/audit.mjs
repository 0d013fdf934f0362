/**
 * `npm run audit`, before a release: 0 when the advisory service was asked and knows nothing against what is shipped, 1 when it
 * does, 2 when it could not be asked. `npm audit` ends with 1 for both of the last, and some mirrors answer nothing that it
 * calls an error; a release must not take either for "clean".
 */
import { spawnSync } from 'node:child_process';
import { argv, env, exit } from 'node:process';

// A test gives another program in its place.
const [program = 'npm', ...given] = argv.slice(2);
const { stdout, stderr, error } = spawnSync(program, [...given, 'audit', '--json'], { encoding: 'utf8', env });
let report;
try {
  report = JSON.parse(stdout);
} catch {
  report = undefined;
}
const counts = report?.metadata?.vulnerabilities;
if (counts === undefined || report.error !== undefined) {
  const why = error?.message || report?.error?.summary || report?.message || stderr.trim() || stdout.trim();
  console.error(`The dependencies were NOT audited: the advisory service could not be asked.\n${why}`);
  console.error('Run it again where registry.npmjs.org can be reached. Without it there is no release.');
  exit(2);
}
const found = Object.entries(counts).filter(([level, count]) => level !== 'total' && count > 0);
if (found.length === 0) {
  console.log(`Audited ${report.metadata.dependencies?.total ?? '?'} packages: nothing is known against any.`);
  exit(0);
}
console.error(`Known against what is shipped: ${found.map(([level, count]) => `${count} ${level}`).join(', ')}.`);
for (const { name, severity, range } of Object.values(report.vulnerabilities ?? {}))
  console.error(`  ${name} ${range}: ${severity}`);
console.error('`npm audit` says where each comes from.');
exit(1);
