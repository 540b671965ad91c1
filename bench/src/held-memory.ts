import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { World } from './benchmark.ts'
import { waitUntil } from './hub.ts'

/**
 * What a process of Node's holds after a full collection, on V8's heap and outside of it, in MiB. Resident memory has also
 * what V8 keeps for later, which moves by tens of MiB. The process was started with `--inspect-port`.
 */
export async function openHeldMemory(
  world: Pick<World, 'defer'>,
  pid: number,
  port: number,
): Promise<() => Promise<number>> {
  process.kill(pid, 'SIGUSR1')
  const list = `http://127.0.0.1:${port}/json/list`
  await waitUntil('the inspector listens', 10, async () => (await fetch(list)).ok)
  const [target] = (await (await fetch(list)).json()) as { webSocketDebuggerUrl: string }[]
  const socket = new WebSocket(target!.webSocketDebuggerUrl)
  await once(socket, 'open')
  world.defer(() => socket.close())
  const ask = async (method: string, params: object = {}) => {
    socket.send(JSON.stringify({ id: 1, method, params }))
    const [{ data }] = (await once(socket, 'message')) as [{ data: string }]
    return JSON.parse(data) as { result: { result: { value: number } } }
  }
  return async () => {
    for (const _ of [1, 2]) {
      await ask('HeapProfiler.collectGarbage')
      // Buffers outside of the heap are freed beside it.
      await delay(100)
    }
    const expression = 'process.memoryUsage().heapUsed + process.memoryUsage().external'
    const { result } = await ask('Runtime.evaluate', { expression })
    return result.result.value / 1024 ** 2
  }
}
