/** Unit, property, process and page-component tests. The end-to-end ones are Playwright's, the benchmarks are no tests. */
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, the longest first: begun last, it is what everybody waits for in the end (110 s, measured). */
const long =
  'kills start canary planlaw instants endtoend forwarding oddities drift slices chaos review history disk crash'
    .split(' ')
    .map((name) => `${name}.test.ts`);
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = long.indexOf(basename(moduleId));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Half of what these files do is wait for answers, timers and disks: more of them at once than there are cores.
    maxWorkers: Math.max(3, availableParallelism()),
    exclude: ['test/e2e/**', 'test/bench/**'],
    sequence: { sequencer: LongestFirst },
    // Half of what a relay or a command costs that is started from the source is reading that source.
    env: {
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(import.meta.dirname, 'node_modules/.cache/code'),
    },
    // No test here is about speed. The limit is for what hangs, and must not fire because the machine is busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
