import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** A test waits for what it needs: these end one that waits in vain, and bound nothing that a busy machine could break. */
const patience = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 20_000, interval: 25 } },
}

export default defineConfig({
  test: {
    projects: [
      {
        root: 'backend',
        test: {
          ...patience,
          name: 'backend',
          include: ['src/**/*.test.ts', 'suites/**/*.test.ts', 'test/**/*.test.ts'],
          globalSetup: [join(import.meta.dirname, 'backend/test/postgres-server.ts')],
        },
      },
      ...['demo', 'frontend', 'shared'].map((name) => ({
        root: name,
        test: { ...patience, name, include: ['src/**/*.test.ts'] },
      })),
    ],
  },
})
