import type { World } from './benchmark.ts'

const periodMs = 100

/** Lets a process run for this share of the time alone, as a slower machine would: stopped and continued ten times a second. */
export function holdToShare(world: Pick<World, 'defer'>, pid: number, share: number): void {
  if (share >= 1) return
  let timer: NodeJS.Timeout
  const go = () => {
    process.kill(pid, 'SIGCONT')
    timer = setTimeout(stop, periodMs * share)
  }
  const stop = () => {
    process.kill(pid, 'SIGSTOP')
    timer = setTimeout(go, periodMs * (1 - share))
  }
  go()
  world.defer(() => {
    clearTimeout(timer)
    process.kill(pid, 'SIGCONT')
  })
}
