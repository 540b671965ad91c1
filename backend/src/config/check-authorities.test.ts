import {
  createCertificateAuthority,
  issueClientCertificate,
  issueServerCertificate,
} from '@hub/demo'
import { expect, test } from 'vitest'
import { findAuthoritiesEnd, findAuthoritiesFault } from './check-authorities.ts'

const authority = await createCertificateAuthority('models')
const former = await createCertificateAuthority('models', { lifetimeDays: 0 })
const server = await issueServerCertificate(authority)
/** Whoever has a model alone may sign for it alone. */
const selfSigned = `-----BEGIN CERTIFICATE-----
MIIBlDCCATqgAwIBAgIUAa+evQgNC/EW50lEJmKyRXi7XzEwCgYIKoZIzj0EAwIw
ITEfMB0GA1UEAwwWb25lLm1vZGVscy5leGFtcGxlLmNvbTAeFw0yNjExMjkxMTQw
MzFaFw0zNjExMjYxMTQwMzFaMCExHzAdBgNVBAMMFm9uZS5tb2RlbHMuZXhhbXBs
ZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQBeHfYbIfLRmjaTU7VSzDR
XneX3E/OWmpYBjarWWldXhO/rxSjBCooav3SPU4Rgf2800W0qGytfnbFzaTs2KJv
o1AwTjAdBgNVHQ4EFgQUE3x2Tq8qs1uDOP+r4zvE+6sDjW0wHwYDVR0jBBgwFoAU
E3x2Tq8qs1uDOP+r4zvE+6sDjW0wDAYDVR0TAQH/BAIwADAKBggqhkjOPQQDAgNI
ADBFAiEAvkzXUnHCpyQzIOrL8b2gqGVfiIyJPgbbIihkpYSBxTICIBYf5IH0C0m5
EmFlvw4kLuawTYOYXSbADUILsyeae1ui
-----END CERTIFICATE-----`
const unreadable = authority.certificate.replace(/(?<=CERTIFICATE-----\n)..../, 'AAAA')

test.each([
  ['one', authority.certificate],
  [
    'several, and what is written around them',
    `# old\n${former.certificate}${authority.certificate}`,
  ],
  ['one that vouches for itself and is no authority', selfSigned],
  ['lines as Windows ends them', authority.certificate.replaceAll('\n', '\r\n')],
])('authorities may be %s', (_, pem) => {
  expect(findAuthoritiesFault(pem)).toBeNull()
})

test.each([
  ['text', 'models', 'must be certificates in PEM'],
  ['base64 alone', Buffer.from('models').toString('base64'), 'must be certificates in PEM'],
  ['half a certificate', authority.certificate.slice(0, 300), 'must be certificates in PEM'],
  ['a key', authority.certificate + authority.privateKey, 'holds a private key'],
  ['an RSA key', '-----BEGIN RSA PRIVATE KEY-----', 'holds a private key'],
  ['garbage', unreadable, 'cannot be read'],
  ['good ones and garbage', authority.certificate + unreadable, 'cannot be read'],
  ["a server's", server.certificate, 'the certificate of CN=localhost, which is no authority'],
  ['64 KiB of them', authority.certificate.repeat(200), 'at most 64 KiB'],
])('authorities may not be %s', (_, pem, words) => {
  expect(findAuthoritiesFault(pem)).toContain(words)
})

test('there may be none', () => {
  expect(findAuthoritiesFault(null)).toBeNull()
})

test('what is no authority is named in one line, and at most 100 characters', async () => {
  const name = async (user: string) => {
    const { certificate } = await issueClientCertificate(authority, { user, groups: ['team'] })
    return /the certificate of (.*), which is no authority/.exec(
      findAuthoritiesFault(certificate)!,
    )?.[1]
  }
  const rest = 'O=team, CN='
  const whole = 'u'.repeat(100 - rest.length)
  expect(await name(whole)).toBe(rest + whole)
  expect(await name(`${whole}u`)).toBe(`${rest}${whole}…`)
})

test('of several authorities one that is good is enough', () => {
  const end = findAuthoritiesEnd(former.certificate + authority.certificate)
  expect(end).toEqual(findAuthoritiesEnd(authority.certificate))
  expect(findAuthoritiesEnd(former.certificate)!.getTime()).toBeLessThanOrEqual(Date.now())
  expect(findAuthoritiesEnd(unreadable)).toBeNull()
  expect(findAuthoritiesEnd('none')).toBeNull()
})
