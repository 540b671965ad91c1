import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

process.once('message', (body) => {
  const bytes = Buffer.from(body as string)
  const server = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
      .end(bytes)
  })
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
process.on('disconnect', () => process.exit(0))
