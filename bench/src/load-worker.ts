import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import type { LoadOptions, LoadResult } from './load.ts'

process.once('message', (options) => {
  void generate(options as LoadOptions).then((result) => {
    process.send?.(result, () => process.disconnect?.())
  })
})

async function generate(options: LoadOptions): Promise<LoadResult> {
  const { connections, cookies, headers = {}, keepsLatencies = false, origin, paths } = options
  const { body: sent = null, method = 'GET', status = 200 } = options
  const { perSecond, seconds, tls } = options
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
      const turn = next++
      const path = paths[turn % paths.length]!
      const cookie = cookies?.[turn % cookies.length]
      const dueAt = perSecond === undefined ? null : startedAt + (turn * 1000) / perSecond
      if (dueAt !== null && dueAt >= endsAt) return
      if (dueAt !== null) await delay(Math.max(0, dueAt - performance.now()))
      const askedAt = dueAt ?? performance.now()
      try {
        const { body, statusCode } = await pool.request({
          method,
          path,
          body: sent,
          headers: { ...headers, ...(cookie !== undefined && { cookie }) },
        })
        for await (const chunk of body) result.bytes += (chunk as Buffer).byteLength
        result.statuses[statusCode] = (result.statuses[statusCode] ?? 0) + 1
        if (statusCode === status) result.requests += 1
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
