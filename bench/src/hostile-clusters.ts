import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { World } from './benchmark.ts'

export type HostileKind = 'endless-list' | 'endless-watch'
export type HostileReply = { kubeconfig: string }

/** A cluster that answers without end, in a process of its own. */
export async function startHostileCluster(world: World, kind: HostileKind): Promise<string> {
  const worker = fileURLToPath(new URL('./hostile-clusters-worker.ts', import.meta.url))
  const child = fork(worker, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  world.defer(() => child.kill('SIGKILL'))
  return new Promise((resolve, reject) => {
    child.once('message', (reply) => resolve((reply as HostileReply).kubeconfig))
    child.once('exit', () => reject(new Error('The hostile cluster ended.')))
    child.send(kind)
  })
}

/** A file that is no kubeconfig and takes long to find out: as many keys as fit, another one each time. */
export function renderSlowCredential(number: number): string {
  return Array.from({ length: 40_000 }, (_, index) => `k${number}-${index}: v`).join('\n')
}
