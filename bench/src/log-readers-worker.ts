import { request } from 'node:http'

type Count = { lines: number; disorder: number; open: number; dropped: number }

const total: Count = { lines: 0, disorder: 0, open: 0, dropped: 0 }

process.on('message', (message) => {
  const { type, streams } = message as {
    type: 'open' | 'take'
    streams: { url: string; headers: Record<string, string> }[]
  }
  if (type === 'take') return void process.send?.(total)
  void Promise.all(streams.map(open)).then(() => process.send?.(total))
})
process.on('disconnect', () => process.exit(0))

/** Counts numbered lines, and those that do not follow on the one before of their pod. */
function open({ headers, url }: { url: string; headers: Record<string, string> }): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) {
        return reject(new Error(`A log was answered with ${response.statusCode}.`))
      }
      total.open += 1
      const latest = new Map<string, number>()
      let rest = ''
      response.setEncoding('latin1')
      response.on('data', (chunk: string) => {
        const events = (rest + chunk).split('\n\n')
        rest = events.pop()!
        for (const event of events) {
          if (event.startsWith('event: dropped')) total.dropped += 1
          const pod = /"pod":"([^"]+)"/.exec(event)?.[1]
          if (pod === undefined) continue
          for (const [, number] of event.matchAll(/INFO line (\d+) /g)) {
            total.lines += 1
            const before = latest.get(pod)
            if (before !== undefined && Number(number) !== before + 1) total.disorder += 1
            latest.set(pod, Number(number))
          }
        }
      })
      resolve()
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
