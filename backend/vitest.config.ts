import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'backend',
    include: ['src/**/*.test.ts', 'suites/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['./test/postgres-server.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
