import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createResolve, type Resolve } from './resolve-name.ts'

const cleanups: (() => void)[] = []
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-resolve-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

describe('createResolve', () => {
  it('takes what the name server answers, both families', async () => {
    const { ask, asked } = await start({ answers: true })
    expect(await ask('api.example.com')).toEqual([
      { address: '192.0.2.7', family: 4 },
      { address: '2001:db8::7', family: 6 },
    ])
    expect(asked).toEqual([])
  })

  it('asks the system for what the name server does not know', async () => {
    const { ask, asked } = await start({ code: 3 })
    expect(await ask('api.example.com')).toEqual([{ address: '198.51.100.1', family: 4 }])
    expect(asked).toEqual(['api.example.com'])
  })

  it('asks the system for names of the hosts file and names without a dot', async () => {
    const { ask, asked } = await start({ answers: true })
    for (const name of ['localhost', 'Pinned.example.com']) await ask(name)
    expect(asked).toEqual(['localhost', 'Pinned.example.com'])
  })

  it('gives up on a silent name server without the thread pool', async () => {
    const { ask, asked } = await start({ silent: true })
    await expect(ask('api.example.com')).rejects.toMatchObject({ code: 'EAI_AGAIN' })
    expect(asked).toEqual([])
  }, 15_000)

  it('gives up on a name server that fails', async () => {
    const { ask, asked } = await start({ code: 2 })
    await expect(ask('api.example.com')).rejects.toMatchObject({ code: 'EAI_AGAIN' })
    expect(asked).toEqual([])
  })
})

/** A name server that answers everything alike. */
async function start(behaviour: { answers?: true; code?: number; silent?: true }) {
  const socket = createSocket('udp4', (query, peer) => {
    if (behaviour.silent) return
    const question = query.subarray(12, query.indexOf(0, 12) + 5)
    const type = question.readUInt16BE(question.byteLength - 4)
    const address =
      type === 28 ? [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7] : [192, 0, 2, 7]
    const record = [0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 60, 0, address.length, ...address]
    const head = [
      0x81,
      0x80 | (behaviour.code ?? 0),
      0,
      1,
      0,
      behaviour.answers ? 1 : 0,
      0,
      0,
      0,
      0,
    ]
    const parts = [query.subarray(0, 2), Buffer.from(head), question]
    if (behaviour.answers) parts.push(Buffer.from(record))
    socket.send(Buffer.concat(parts), peer.port, peer.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  cleanups.push(() => socket.close())
  const hostsFile = join(folder, 'hosts')
  writeFileSync(hostsFile, '127.0.0.1 localhost\n10.0.0.1 pinned.example.com # ours\n')
  const asked: string[] = []
  const system: Resolve = (hostname, _, callback) => {
    asked.push(hostname)
    callback(null, [{ address: '198.51.100.1', family: 4 }])
  }
  const resolve = createResolve(
    { now: () => 0 },
    { hostsFile, system, nameServers: [`127.0.0.1:${socket.address().port}`] },
  )
  const ask = (hostname: string) =>
    new Promise((answer, fail) => {
      resolve(hostname, { all: true }, (error, found) => (error ? fail(error) : answer(found)))
    })
  return { ask, asked }
}
