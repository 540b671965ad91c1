import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const tickMs = 10
const scopes = 20

const readers: Record<'all' | 'scoped', Set<ServerResponse>> = { all: new Set(), scoped: new Set() }
let event = ''

process.on('message', (message) => {
  const request = message as
    | { type: 'start'; event: string }
    | { type: 'broadcast'; perSecond: number; seconds: number }
  if (request.type === 'start') {
    event = request.event
    const server = createServer((incoming, response) => {
      const group = readers[incoming.url === '/scoped' ? 'scoped' : 'all']
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      group.add(response)
      response.on('close', () => group.delete(response))
    })
    server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
    return
  }
  broadcast(request.perSecond, request.seconds)
})
process.on('disconnect', () => process.exit(0))

function broadcast(perSecond: number, seconds: number): void {
  const startedAt = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.min(
      Math.floor(((performance.now() - startedAt) / 1000) * perSecond),
      perSecond * seconds,
    )
    for (; sent < due; sent += 1) {
      const text = event.replace(/"message":"[^"]*"/, `"message":"at ${Date.now()}"`)
      for (const response of readers.all) response.write(text)
      if (sent % scopes === 0) for (const response of readers.scoped) response.write(text)
    }
    if (sent < perSecond * seconds) return
    clearInterval(timer)
    process.send?.(sent)
  }, tickMs)
}
