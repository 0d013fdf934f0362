#!/usr/bin/env node
/** `steeple-relay`: the relay's command line. The commands are in cli/program.ts. */
import { run } from './cli/program.ts';

// From a clone Node 24 comes with it; an installed package runs on what the machine has, and better-sqlite3 13 brings
// Node 20 down without a word.
if (Number(process.versions.node.split('.', 1)) < 22) {
  process.stderr.write(`steeple-relay needs Node 22 or newer, and this is Node ${process.versions.node}.\n`);
  process.exit(1);
}

// `steeple-relay people | head` closes the pipe early; that is the reader's right, and no failure.
process.stdout.on('error', (problem: NodeJS.ErrnoException) => {
  if (problem.code !== 'EPIPE') throw problem;
  process.exit(0);
});

// Not `process.exit`: what was printed into a pipe must get out first.
process.exitCode = await run(process.argv.slice(2), process);
