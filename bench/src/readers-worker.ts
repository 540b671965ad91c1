import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import type { ReaderOptions, Readings } from './readers.ts'

const stampPattern = /"message":"at (\d+)"/g

let readings: Readings = { delaysMs: [], bytes: 0, open: 0 }

process.on('message', (message) => {
  const { options, type } = message as { type: 'open' | 'take'; options: ReaderOptions }
  if (type === 'take') {
    const taken = readings
    readings = { delaysMs: [], bytes: 0, open: taken.open }
    process.send?.(taken)
    return
  }
  void Promise.all(
    options.streams.map((stream, index) => open(stream, index % options.measuredEvery === 0)),
  ).then(() => process.send?.(readings))
})
process.on('disconnect', () => process.exit(0))

function open(stream: ReaderOptions['streams'][number], isMeasured: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const { ca, headers, url } = stream
    const request = url.startsWith('https:') ? requestTls : requestPlain
    const outgoing = request(url, { headers, ca, agent: false }, (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`A stream was answered with ${response.statusCode}.`))
        return
      }
      readings.open += 1
      response.on('close', () => (readings.open -= 1))
      let rest = ''
      response.on('data', (chunk: Buffer) => {
        readings.bytes += chunk.byteLength
        if (!isMeasured) return
        const now = Date.now()
        const text = rest + chunk.toString('latin1')
        let read = 0
        for (const match of text.matchAll(stampPattern)) {
          readings.delaysMs.push(now - Number(match[1]))
          read = match.index + match[0].length
        }
        rest = text.slice(Math.max(read, text.length - 40))
      })
      resolve()
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
