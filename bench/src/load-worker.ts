import { Pool } from 'undici'
import type { LoadOptions, LoadResult } from './load.ts'

process.once('message', (options) => {
  void generate(options as LoadOptions).then((result) => {
    process.send?.(result, () => process.disconnect?.())
  })
})

async function generate(options: LoadOptions): Promise<LoadResult> {
  const { connections, headers = {}, keepsLatencies = false, origin, paths, seconds, tls } = options
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    ...(tls && { connect: tls }),
  })
  const result: LoadResult = {
    requests: 0,
    errors: 0,
    bytes: 0,
    requestsPerSecond: 0,
    latenciesMs: [],
    statuses: {},
  }
  let next = 0
  const startedAt = performance.now()
  const endsAt = startedAt + seconds * 1000
  const ask = async () => {
    while (performance.now() < endsAt) {
      const path = paths[next++ % paths.length]!
      const askedAt = performance.now()
      try {
        const { body, statusCode } = await pool.request({ method: 'GET', path, headers })
        for await (const chunk of body) result.bytes += (chunk as Buffer).byteLength
        result.statuses[statusCode] = (result.statuses[statusCode] ?? 0) + 1
        if (statusCode === 200) result.requests += 1
        else result.errors += 1
        if (keepsLatencies) result.latenciesMs.push(performance.now() - askedAt)
      } catch {
        result.errors += 1
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, ask))
  result.requestsPerSecond = (result.requests * 1000) / (performance.now() - startedAt)
  await pool.destroy()
  return result
}
