import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from '@playwright/test'
import { findChromium } from './test/chromium.ts'
import { ports } from './test/ports.ts'

const port = ports.demo
const root = fileURLToPath(new URL('..', import.meta.url))

// As in test.ts. Hubs and demos start a dozen times, from the same sources: a third of what that costs is compiling them.
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules', '.cache', 'compiled')

const testDir = join(import.meta.dirname, 'test')
const specs = globSync('*.spec.ts', { cwd: testDir })
/** What starts a hub or a demo of its own, at an address that only one may have at a time. */
const starting = specs.filter((path) =>
  /own-(?:hub|demo)\.ts|ports\.(?:own|local)/.test(readFileSync(join(testDir, path), 'utf8')),
)
const looking = specs.filter((path) => !starting.includes(path))

/** The journeys run against the whole demo: its identity provider, its cluster, and the hub with the built portal. */
export default defineConfig({
  testDir,
  outputDir: '../test-results',
  snapshotPathTemplate: '../docs/images/{arg}{ext}',
  // The other tests run beside them.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  // Node strips the types itself, and keeps what it compiled.
  build: { external: ['**/*.ts'] },
  forbidOnly: Boolean(process.env['CI']),
  // Two sides, each one test after the other: those of the demo change what the next one looks at.
  workers: 2,
  projects: [
    { name: 'demo', testMatch: looking, workers: 1 },
    { name: 'own', testMatch: starting, workers: 1 },
  ],
  retries: process.env['CI'] ? 1 : 0,
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    launchOptions: await findChromium({ isBrief: true }),
    screenshot: 'only-on-failure',
  },
  webServer: {
    command: `"${process.execPath}" demo/src/main.ts`,
    cwd: root,
    url: `http://127.0.0.1:${port}/readyz`,
    // More than one page of the fleet's list.
    env: { PORT: String(port), DEMO_DEPLOYMENTS: '120', DEMO_PROGRAMS: 'off' },
    stdout: 'ignore',
    stderr: 'pipe',
    timeout: 120_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
  },
})
