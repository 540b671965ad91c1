import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { World } from './benchmark.ts'

/**
 * Starts a file of this folder in a process of its own, which ends with the benchmark. It is asked one thing at a time;
 * `what` ended is said where it does before it answers.
 */
export function startWorker<Reply>(
  world: Pick<World, 'defer'>,
  file: `./${string}-worker.ts`,
  what: string,
): (asked: object | string) => Promise<Reply> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Whoever makes the load, or answers it, leaves a processor to what is measured when its memory is collected.
    execArgv: [...process.execArgv, '--concurrent-marking-max-worker-num=1'],
  })
  world.defer(() => child.kill('SIGKILL'))
  child.setMaxListeners(0)
  return (asked) =>
    new Promise<Reply>((resolve, reject) => {
      child.once('message', (reply) => resolve(reply as Reply))
      child.once('exit', () => reject(new Error(`${what} ended.`)))
      child.send(asked)
    })
}
