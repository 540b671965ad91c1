import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { areas } from './areas.ts'

const area = areas[process.env['HUB_MUTANTS'] ?? '']

/** The tests of one area. Stryker runs them within its copy of the tree: no server is started for them. */
export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    include: [...(area?.tests ?? [])],
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
