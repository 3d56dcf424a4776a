#!/usr/bin/env node
// Runs the command line with the Node that this repository brings, whatever the machine has.
process.argv.splice(2, 0, 'cli/main.ts')
await import('../scripts/run.mjs')
