import { X509Certificate } from 'node:crypto'
import { createCertificateAuthority } from '@hub/demo'
import { beforeAll, describe, expect, test } from 'vitest'
import { createAnonymousCredential, type ClusterCredential } from './cluster-credential.ts'
import { readLifetimes } from './credential-lifetimes.ts'

let ca: string
let other: string

beforeAll(async () => {
  const authorities = await Promise.all(
    ['one', 'two'].map((name) => createCertificateAuthority(name)),
  )
  ;[ca, other] = authorities.map(({ certificate }) => certificate.trim()) as [string, string]
})

const credential = (changes: Partial<ClusterCredential>): ClusterCredential => ({
  ...createAnonymousCredential('https://cluster.example'),
  ...changes,
})
const endOf = (pem: string) => new X509Certificate(pem).validToDate

describe('what of a credential begins or ends', () => {
  test('is said of its authorities, of which one that is good is enough', () => {
    const to = new Date(Math.max(endOf(ca).getTime(), endOf(other).getTime()))
    expect(readLifetimes(credential({ ca: `${ca}\n${other}` }), null)).toEqual([
      { of: 'certificate authority', from: null, to },
    ])
  })

  test('of the same authorities, is what was read before; of others, and of the token, anew', () => {
    const first = credential({ ca, token: 'one' })
    const lifetimes = readLifetimes(first, null)
    const before = { credential: first, lifetimes }
    const [token, authority] = readLifetimes(credential({ ca, token: 'two' }), before)
    expect(token).toEqual({ of: 'token', from: null, to: null })
    expect(authority).toBe(lifetimes[1])
    const [moved] = readLifetimes(credential({ ca: other }), before)
    expect(moved).toEqual({ of: 'certificate authority', from: null, to: endOf(other) })
    expect(moved).not.toBe(authority)
  })
})
