import { createServer, type IncomingMessage } from 'node:http'
import { connect, isIPv4, type Socket } from 'node:net'
import type { KubeClient } from '../client.ts'
import type { Untyped } from '../objects.ts'
import { prepareStop } from '../stop-server.ts'
import { answerAsModel, type PretendModel } from './answer-as-model.ts'
import { createModel } from './create-model.ts'

export type PodServer = {
  /** By `<namespace>/<pod>`, those that somebody asked. */
  models: ReadonlyMap<string, PretendModel>
  stop(): Promise<void>
}

/**
 * Where the egress selector of a real API server leads: for a pod, which nobody runs, what it would serve answers; what is
 * on this machine is reached as it is. `socketPath` is the Unix socket that the API server asks by CONNECT.
 */
export async function servePods(
  client: KubeClient,
  { socketPath, traffic }: { socketPath: string; traffic: boolean },
): Promise<PodServer> {
  const models = new Map<string, PretendModel>()
  const behind = new WeakMap<Socket, PretendModel>()

  const findModel = async (ip: string): Promise<PretendModel | null> => {
    const query = { fieldSelector: `status.podIP=${ip}` }
    const { items } = await client.request('GET', '/api/v1/pods', { query })
    const pod = items.find(({ metadata }: Untyped) => metadata.deletionTimestamp === undefined)
    if (!pod) return null
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`
    const model = models.get(key) ?? createModel(pod, { key, traffic })
    models.set(key, model)
    return model
  }

  const answering = createServer((request, response) => {
    answerAsModel(behind.get(request.socket)!, request.url!, request, response).catch(() =>
      response.destroy(),
    )
  })
  const proxy = createServer()
  proxy.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    void lead(request.url!, socket, head).catch(() => socket.destroy())
  })

  async function lead(address: string, socket: Socket, head: Buffer): Promise<void> {
    const { hostname, port } = new URL(`http://${address}`)
    if (hostname === '127.0.0.1' || hostname === 'localhost') {
      const there = connect(Number(port), hostname, () => {
        socket.write(established)
        there.write(head)
        socket.pipe(there).pipe(socket)
      })
      there.on('error', () => socket.destroy())
      socket.on('close', () => there.destroy())
      return
    }
    const model = isIPv4(hostname) ? await findModel(hostname) : null
    if (!model) {
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
      return
    }
    behind.set(socket, model)
    socket.write(established)
    socket.unshift(head)
    answering.emit('connection', socket)
  }

  const stopProxy = prepareStop(proxy)
  await new Promise<void>((resolve, reject) => {
    proxy.once('error', reject).listen(socketPath, resolve)
  })
  return { models, stop: stopProxy }
}

const established = 'HTTP/1.1 200 Connection established\r\n\r\n'
