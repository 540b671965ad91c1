import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
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
