import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { LongestFirst } from './test-order.ts'

const root = import.meta.dirname

/** What each kind of test file says that it needs; the first that matches decides. */
const needs = {
  /** Modules of its own, of which some are replaced, or a heap of its own, which is measured; whatever else it needs. */
  replacements: /vi\.mock\(|getHeapSpaceStatistics/,
  /** A real Kubernetes, Keycloak, PgBouncer, Prometheus, engine, secret service or foreign clients. */
  counterparts:
    /KUBEBUILDER_ASSETS|KEYCLOAK_HOME|PROMETHEUS'|LLAMA_CPP|SECRET_SERVICE|AGENT_CLIENTS|test\/(?:keycloak|pgbouncer|clusters|describe-on-clusters)\.ts|startControlPlane|borrowControlPlane/,
  /** A database, sockets, files or processes. */
  hub: /test\/(?:databases|gateway|(?:describe-)?(?:gated-)?hub|replicas)\.ts|\bstart[A-Z]\w*\(|createServer|\blisten\(|spawn|node:(?:net|https?|tls|fs|child_process|worker_threads)|main\.ts|kubeconfig-reader|load-kubeconfig/,
}
type Kind = keyof typeof needs | 'unit'

/** What runs beside the tests of a kind, once for all of them. */
const servers = {
  replacements: ['backend/test/postgres-server.ts'],
  counterparts: [
    'backend/test/postgres-server.ts',
    'backend/test/keycloak-server.ts',
    'demo/test/control-planes-server.ts',
  ],
  hub: ['backend/test/postgres-server.ts'],
}

const files = globSync(
  [
    'backend/{src,suites,test}/**/*.test.ts',
    'cli/{src,suites}/**/*.test.ts',
    'messages/*.test.ts',
    '{demo,frontend,shared}/src/**/*.test.ts',
  ],
  { cwd: root },
).map((path) => ({ path, kind: kindOf(readFileSync(join(root, path), 'utf8')) }))

function kindOf(text: string): Kind {
  const kinds = Object.keys(needs) as (keyof typeof needs)[]
  return kinds.find((kind) => needs[kind].test(text)) ?? 'unit'
}

/** Of one kind, wherever its files are. A `unit` needs nothing but itself: there is no database that it could ask. */
function project(name: Kind): TestProjectInlineConfiguration {
  return {
    root,
    test: {
      name,
      include: files.filter(({ kind }) => kind === name).map(({ path }) => path),
      // A test waits for what it needs: these end one that waits in vain, and bound nothing that a busy machine breaks.
      testTimeout: 60_000,
      hookTimeout: 120_000,
      expect: { poll: { timeout: 20_000, interval: 25 } },
      retry: process.env['CI'] ? 1 : 0,
      // Modules hold no state and tests put back what they change, so files share a worker: starting one anew takes a second.
      isolate: name === 'replacements',
      // What hubs and their clients leave behind is short-lived: young generations of 16 MB, V8's own, are copied far more often.
      ...(name !== 'replacements' && { execArgv: ['--max-semi-space-size=32'] }),
      // Node runs the sources itself, as in production: nothing is transformed, and traces need no map. Vite has to where modules
      // are replaced, and where the portal's components are looked at; without it, Vitest leaves objects on a heap.
      ...((name === 'hub' || name === 'counterparts') && {
        experimental: { viteModuleRunner: false, nodeLoader: false },
      }),
      ...(name !== 'unit' && { globalSetup: servers[name].map((path) => join(root, path)) }),
    },
  }
}

export default defineConfig({
  test: {
    projects: [project('unit'), project('hub'), project('counterparts'), project('replacements')],
    sequence: { sequencer: LongestFirst },
  },
})
