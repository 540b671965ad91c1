import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto'
import { createCertificateAuthority } from '@hub/demo'
import { describe, expect, test } from 'vitest'
import { parseAssertion, parseClientKey } from './client-key.ts'

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' })
const jwk = (key: KeyObject, more: object = {}) =>
  JSON.stringify({ ...key.export({ format: 'jwk' }), ...more })
const { privateKey, publicKey } = ec('P-256')
const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

describe('a private key', () => {
  test.each<[string, KeyObject, string[]]>([
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, rsaAlgorithms],
    ['P-256', privateKey, ['ES256']],
    ['P-384', ec('P-384').privateKey, ['ES384']],
    ['P-521', ec('P-521').privateKey, ['ES512']],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey, ['EdDSA', 'Ed25519']],
  ])(
    'of %s is read of PEM and of a JWK, and signs by what its kind can',
    (_kind, key, algorithms) => {
      for (const text of [pem(key), `\n${jwk(key)}\n`]) {
        const parsed = parseClientKey(text)
        expect(parsed).toMatchObject({ value: { algorithms, names: {} } })
        expect('value' in parsed && parsed.value.key.equals(key)).toBe(true)
      }
    },
  )

  test('is read of the older forms of PEM too', () => {
    const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    for (const [key, type] of [
      [rsa, 'pkcs1'],
      [privateKey, 'sec1'],
    ] as const) {
      const parsed = parseClientKey(key.export({ type, format: 'pem' }))
      expect('value' in parsed && parsed.value.key.equals(key)).toBe(true)
    }
  })

  test('is called by the kid of its JWK, and signs by the alg of that alone', () => {
    const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    expect(parseClientKey(jwk(rsa, { kid: 'k1', alg: 'PS384' }))).toMatchObject({
      value: { algorithms: ['PS384'], names: { kid: 'k1' } },
    })
    const nameless = parseClientKey(jwk(rsa, { kid: 7 }))
    expect('value' in nameless && nameless.value.names).toEqual({})
  })

  test('is called by the thumbprint of its own certificate, wherever in the file that is', async () => {
    const [own, other] = await Promise.all(
      ['own', 'other'].map((name) => createCertificateAuthority(name)),
    )
    const { fingerprint256 } = new X509Certificate(own!.certificate)
    const thumbprint = Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
    const files = [
      [own!.privateKey, own!.certificate],
      [own!.certificate, own!.privateKey],
      [other!.certificate, own!.certificate, own!.privateKey],
    ]
    for (const parts of files) {
      expect(parseClientKey(parts.join('\n'))).toMatchObject({
        value: { names: { 'x5t#S256': thumbprint } },
      })
    }
    expect(parseClientKey(`${other!.certificate}\n${own!.privateKey}`)).toEqual({
      fault: expect.stringContaining('holds a certificate that is not of its key'),
    })
    expect(parseClientKey(own!.certificate)).toEqual({
      fault: expect.stringContaining('holds no private key'),
    })
    const unreadable = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
    expect(parseClientKey(`${unreadable}\n${own!.privateKey}`)).toEqual({
      fault: expect.stringContaining('holds a certificate that is not of its key'),
    })
  })

  const sealed = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const
  test.each<[string, string, string]>([
    ['text', 'hello', 'holds no private key'],
    ['a number', '7', 'holds no private key'],
    ['null', 'null', 'holds no private key'],
    ['a public key', publicKey.export({ type: 'spki', format: 'pem' }), 'no private key'],
    ['a public JWK', JSON.stringify(publicKey.export({ format: 'jwk' })), 'no private key'],
    ['a secret as a JWK', '{"kty":"oct","k":"c2VjcmV0"}', 'no private key'],
    [
      'a set of JWKs',
      JSON.stringify({ keys: [privateKey.export({ format: 'jwk' })] }),
      'no private key',
    ],
    ['a cut key', pem(privateKey).replaceAll('M', 'x'), 'no private key'],
    ['a key under a passphrase', privateKey.export(sealed), 'under a passphrase'],
    ['two keys', pem(privateKey) + pem(ec('P-256').privateKey), 'holds several private keys'],
    [
      'a short key',
      pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey),
      '2048 bits',
    ],
    ['a key for exchanges', pem(generateKeyPairSync('x25519').privateKey), 'signs no JWTs'],
    ['a key of Bitcoin’s', pem(ec('secp256k1').privateKey), 'signs no JWTs'],
    ['an alg of another kind', jwk(privateKey, { alg: 'RS256' }), 'whose alg is none'],
    ['an alg that is no text', jwk(privateKey, { alg: 7 }), 'whose alg is none'],
  ])('is not %s, and what is said shows nothing of it', (_name, text, fault) => {
    const parsed = parseClientKey(text)
    expect(parsed).toEqual({ fault: expect.stringContaining(fault) })
    for (const part of text.split(/[\s"]+/).filter((each) => each.length > 20)) {
      expect(JSON.stringify(parsed)).not.toContain(part)
    }
  })
})

test('an assertion is one JWT, with nothing around it but space', () => {
  expect(parseAssertion(' ey-J.e_30.AA\n')).toEqual({ value: 'ey-J.e_30.AA' })
  for (const text of ['', 'a.b', 'a.b.c.d', 'a.b.c d', 'Bearer a.b.c', 'a..c']) {
    expect(parseAssertion(text)).toEqual({ fault: expect.stringContaining('holds no JWT') })
  }
})
