import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Benchmark, World } from './benchmark.ts'
import { getOne } from './p1-get-one.ts'
import { listScoped } from './p2-list-scoped.ts'
import { deadClusters } from './p3-dead-clusters.ts'
import { fanOut } from './p4-fan-out.ts'
import { decisions } from './p5-decisions.ts'
import { gateway } from './p6-gateway.ts'
import { rotation } from './p7-rotation.ts'
import { largeFleet } from './p8-large-fleet.ts'
import { portal } from './p9-portal.ts'
import { logs } from './p10-logs.ts'
import { create } from './p11-create.ts'
import { kubectlPlugin } from './p12-kubectl-plugin.ts'
import { agents } from './p13-agents.ts'
import { manyRights } from './p15-many-rights.ts'

const benchmarks: Benchmark[] = [
  getOne,
  listScoped,
  deadClusters,
  fanOut,
  decisions,
  gateway,
  rotation,
  largeFleet,
  portal,
  logs,
  create,
  kubectlPlugin,
  agents,
  manyRights,
]

/** Exits 0 whether the goal holds or not, and 1 where nothing could be measured. */
async function main(): Promise<void> {
  const benchmark = benchmarks.find(({ id }) => id === process.argv[2]?.toUpperCase())
  if (!benchmark) {
    fail(`Say which benchmark: bun run bench ${benchmarks.map(({ id }) => id).join('|')}`)
  }
  const assets = process.env['KUBEBUILDER_ASSETS']
  if (!assets) {
    fail(
      'The benchmarks need a real control plane: export KUBEBUILDER_ASSETS="$(.ci/counterparts/kube-assets)"',
    )
  }
  const folder = await mkdtemp(join(tmpdir(), 'hub-bench-'))
  const undo: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })]
  const world: World = {
    assets,
    folder,
    say: (message) => console.log(message),
    defer: (step) => undo.push(step),
  }
  const cleanUp = async () => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  process.once('SIGINT', () => void cleanUp().then(() => process.exit(130)))
  process.once('SIGTERM', () => void cleanUp().then(() => process.exit(143)))
  try {
    const result = await benchmark.run(world)
    await cleanUp()
    console.log(JSON.stringify(result))
    process.exit(0)
  } catch (error) {
    await cleanUp()
    fail(
      `${benchmark.id} could not be measured: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function fail(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}

await main()
