import type { World } from './benchmark.ts'
import { startWorker } from './worker.ts'

export type HostileKind = 'endless-list' | 'endless-watch'
export type HostileReply = { kubeconfig: string }

/** A cluster that answers without end, in a process of its own. */
export async function startHostileCluster(world: World, kind: HostileKind): Promise<string> {
  const ask = startWorker<HostileReply>(
    world,
    './hostile-clusters-worker.ts',
    'The hostile cluster',
  )
  return (await ask(kind)).kubeconfig
}

/** A file that is no kubeconfig and takes long to find out: as many keys as fit, another one each time. */
export function renderSlowCredential(number: number): string {
  return Array.from({ length: 40_000 }, (_, index) => `k${number}-${index}: v`).join('\n')
}
