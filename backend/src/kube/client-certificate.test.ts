import { createPrivateKey } from 'node:crypto'
import { createCertificateAuthority, issueClientCertificate, type KeyPair } from '@hub/demo'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  checkClientCertificate,
  readCertificates,
  rememberCertificates,
} from './client-certificate.ts'
import { Refusal } from './refusal.ts'

let authority: KeyPair
let client: KeyPair

beforeAll(async () => {
  authority = await createCertificateAuthority('test')
  client = await issueClientCertificate(authority, { user: 'someone' })
})

function refusalOf(run: () => unknown): string | null {
  try {
    run()
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

const check = (key: string, certificate = client.certificate) =>
  checkClientCertificate(
    { pem: certificate, field: 'client-certificate-data' },
    { pem: key, field: 'client-key-data' },
  )

describe('certificates of a PEM text', () => {
  test('are each read by themselves, whatever stands around them', () => {
    const text = `subject=CN = test\n${authority.certificate}\n# next\n${client.certificate}\n`
    expect(readCertificates(text, 'certificate-authority')).toEqual([
      authority.certificate.trim(),
      client.certificate.trim(),
    ])
  })

  test('are 300 at most', () => {
    const many = (count: number) => `${authority.certificate}\n`.repeat(count)
    expect(readCertificates(many(300), 'ca')).toHaveLength(300)
    expect(refusalOf(() => readCertificates(many(301), 'ca'))).toBe(
      '"ca" holds more than 300 certificates.',
    )
  })

  test.each(['', 'text', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'are none in %j',
    (text) => {
      expect(refusalOf(() => readCertificates(text, 'ca'))).toBe(
        '"ca" holds no PEM certificate that can be read.',
      )
    },
  )

  test('are read once, and are as if they had been read anew; what is refused is refused again', () => {
    const read = rememberCertificates()
    const first = read(authority.certificate, 'ca')
    expect(first).toEqual(readCertificates(authority.certificate, 'ca'))
    expect(read(authority.certificate, 'certificate-authority-data')).toBe(first)
    expect(read(client.certificate, 'ca')).toEqual([client.certificate.trim()])
    for (const field of ['ca', 'other']) {
      expect(refusalOf(() => read('text', field))).toBe(
        `"${field}" holds no PEM certificate that can be read.`,
      )
    }
  })

  test('are none where one of several is broken', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'
    expect(refusalOf(() => readCertificates(`${authority.certificate}\n${broken}`, 'ca'))).toMatch(
      /holds no PEM certificate/,
    )
  })
})

describe('a client certificate', () => {
  test('is taken with those that lead to its authority, and with its key as it is', () => {
    const chain = `${client.certificate}\n${authority.certificate}`
    expect(check(client.privateKey, chain)).toEqual({
      certificate: `${client.certificate.trim()}\n${authority.certificate.trim()}`,
      key: client.privateKey,
    })
  })

  test('is that of its key alone: the first, not one of those behind it', () => {
    const swapped = `${authority.certificate}\n${client.certificate}`
    expect(refusalOf(() => check(client.privateKey, swapped))).toMatch(/does not belong to its/)
    expect(refusalOf(() => check(authority.privateKey))).toMatch(/does not belong to its/)
  })

  test('has a key of at most 16 KiB', () => {
    const key = client.privateKey
    expect(refusalOf(() => check(key.padEnd(16 * 1024, '\n')))).toBeNull()
    expect(refusalOf(() => check(key.padEnd(16 * 1024 + 1, '\n')))).toMatch(/holds no PEM key/)
    expect(refusalOf(() => check('text'))).toMatch(/holds no PEM key/)
  })

  test('has a key that needs no passphrase', () => {
    const encrypted = createPrivateKey(client.privateKey).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    })
    expect(refusalOf(() => check(encrypted))).toMatch(/encrypted with a passphrase/)
  })

  test('has an RSA key of at most 8192 bits: each connection signs with it', () => {
    expect(refusalOf(() => check(rsaKey(8192)))).toMatch(/does not belong to its/)
    expect(refusalOf(() => check(rsaKey(8200)))).toMatch(/RSA key of more than 8192 bits/)
  })
})

/** PKCS #1, as long as a key of so many bits, and none that signs: making a real one takes minutes. */
function rsaKey(bits: number): string {
  // With a zero in front, since else these would be below zero.
  const number = (length: number) => Buffer.concat([Buffer.of(0), Buffer.alloc(length, 0xff)])
  const whole = number(bits / 8)
  const half = number(bits / 16)
  const exponent = Buffer.of(1, 0, 1)
  const integers = [Buffer.of(0), whole, exponent, whole, half, half, half, half, half].map(
    (value) => der(0x02, value),
  )
  const key = der(0x30, Buffer.concat(integers))
  const options = { format: 'pem', type: 'pkcs1' } as const
  return createPrivateKey({ ...options, key, format: 'der' }).export(options)
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size =
    length < 0x80 ? Buffer.of(length) : Buffer.of(0x82, Math.trunc(length / 256), length % 256)
  return Buffer.concat([Buffer.of(tag), size, content])
}
