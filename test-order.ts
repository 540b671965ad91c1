import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that take longest, most of it waiting: begun last, each would be waited for alone. */
const longest = [
  'cli/suites/builds.test.ts',
  'cli/suites/cluster-sign-in.test.ts',
  'backend/src/sign-in/many-sign-ins.test.ts',
  'backend/suites/census.test.ts',
  'backend/src/setup/setup.test.ts',
  'cli/suites/kubectl.test.ts',
  'backend/suites/own-token.test.ts',
  'backend/src/access/config-file.test.ts',
  'backend/suites/gateway-kills.test.ts',
  'backend/suites/own-token-renewal.test.ts',
  'backend/src/fleet/frozen-cluster.test.ts',
  'backend/src/commands/audit-verify.test.ts',
  'backend/suites/two-processes.test.ts',
  'backend/suites/slow-machine.test.ts',
  'backend/suites/deployment-states.test.ts',
  'backend/suites/database-frozen.test.ts',
  'backend/src/clusters/cluster-identities.test.ts',
  'backend/suites/rolling-restart.test.ts',
  'backend/src/db/pgbouncer.test.ts',
  'backend/src/access/end-grants.test.ts',
  'demo/src/main.test.ts',
  'backend/src/deployments/deployments.test.ts',
  'backend/suites/gateway-limits.test.ts',
  'backend/src/own-tokens/own-tokens.test.ts',
  'cli/suites/keyring.test.ts',
  'cli/suites/cache.test.ts',
  'backend/test/deploy-manifests.test.ts',
  'backend/test/image.test.ts',
  'backend/suites/agent-conformance.test.ts',
]

/** Vitest's own order, but that the longest come first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification) => {
      const rank = longest.findIndex((path) => moduleId.endsWith(path))
      return rank === -1 ? longest.length : rank
    }
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's own, of which there is no other
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}
