import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Half of what a suite does is to wait, for clusters, providers and clocks.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      'backend/vitest.config.ts',
      {
        root: 'demo',
        test: {
          name: 'demo',
          include: ['src/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { root: 'frontend', test: { name: 'frontend', include: ['src/**/*.test.ts'] } },
      { root: 'shared', test: { name: 'shared', include: ['src/**/*.test.ts'] } },
    ],
  },
})
