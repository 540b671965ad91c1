import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, TLSSocket } from 'node:tls'
import { createCertificateAuthority, issueServerCertificate } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { openDatabase } from './index.ts'

describe('a PostgreSQL behind TLS', () => {
  let database: TestDatabase
  let folder: string
  let server: Server
  let plain: Server
  const secured: string[] = []

  beforeAll(async () => {
    database = await databases[1].open()
    folder = await mkdtemp(join(tmpdir(), 'hub-tls-'))
    const authority = await createCertificateAuthority('database')
    const other = await createCertificateAuthority('other')
    const pair = await issueServerCertificate(authority)
    await writeFile(join(folder, 'ca.pem'), authority.certificate)
    await writeFile(join(folder, 'other.pem'), other.certificate)
    const secureContext = createSecureContext({ cert: pair.certificate, key: pair.privateKey })
    const target = new URL(database.url)
    const forward = () => connect(Number(target.port), target.hostname)
    // As PostgreSQL itself: one byte for an answer, then TLS.
    server = createServer((near) => {
      near.on('error', () => undefined)
      near.once('data', () => {
        near.write('S')
        const inner = new TLSSocket(near, { isServer: true, secureContext })
        inner.on('error', () => undefined)
        inner.once('secure', () => {
          secured.push(String((inner as { servername?: unknown }).servername))
          const far = forward()
          far.on('error', () => undefined)
          inner.pipe(far).pipe(inner)
        })
      })
    })
    plain = createServer((near) => {
      near.on('error', () => undefined)
      near.once('data', () => near.write('N'))
    })
    for (const each of [server, plain]) {
      each.listen(0, '127.0.0.1')
      await once(each, 'listening')
    }
  })
  afterAll(async () => {
    for (const each of [server, plain]) each.close()
    await database.dispose()
    await rm(folder, { recursive: true, force: true })
  })

  const open = async (query: string, { at = server, host = 'localhost' } = {}) => {
    const url = new URL(database.url)
    url.hostname = host
    url.port = String((at.address() as AddressInfo).port)
    url.search = query
    const db = await openDatabase({ driver: 'postgres', url: url.href })
    try {
      return await db.read.$count(db.tables.consumedLogins)
    } finally {
      await db.close()
    }
  }
  const ca = (name: string) => `&sslrootcert=${encodeURIComponent(join(folder, name))}`

  test.each([
    ['', 'localhost'],
    ['sslmode=require', 'localhost'],
    ['sslmode=require', '127.0.0.1'],
    ['sslmode=verify-ca&CA&hostaddr=127.0.0.1', 'db.example'],
    ['sslmode=verify-full&CA', '127.0.0.1'],
    ['sslmode=verify-full&CA', 'localhost'],
  ])('H32: ?%s at %s goes through, encrypted', async (query, host) => {
    secured.length = 0
    expect(await open(query.replace('&CA', ca('ca.pem')), { host })).toBe(0)
    expect(secured.length).toBeGreaterThan(0)
    // RFC 6066 §3: no IP address is named.
    expect(new Set(secured)).toEqual(new Set([host === '127.0.0.1' ? 'false' : host]))
  })

  test.each([
    ['sslmode=verify-full&CA&hostaddr=127.0.0.1', 'db.example'],
    ['sslmode=verify-full&OTHER', 'localhost'],
    ['sslmode=verify-ca&OTHER', 'localhost'],
    ['sslmode=require&OTHER', 'localhost'],
    ['sslmode=verify-full', 'localhost'],
  ])('H32: ?%s at %s trusts no certificate that it should not', async (query, host) => {
    const search = query.replace('&CA', ca('ca.pem')).replace('&OTHER', ca('other.pem'))
    await expect(open(search, { host })).rejects.toThrow(/certificate|altnames/i)
  })

  test('H32: what asks for TLS gets it or nothing', async () => {
    await expect(open('sslmode=require', { at: plain })).rejects.toMatchObject({
      code: 'TLS_NOT_OFFERED',
    })
  })

  test('H32: of several hosts the first one that answers and takes writes serves', async () => {
    const target = new URL(database.url)
    const url = `postgres://hub:hub@127.0.0.1:1,${target.host}${target.pathname}?target_session_attrs=read-write`
    const db = await openDatabase({ driver: 'postgres', url })
    try {
      expect(await db.read.$count(db.tables.consumedLogins)).toBe(0)
    } finally {
      await db.close()
    }
  })
})
