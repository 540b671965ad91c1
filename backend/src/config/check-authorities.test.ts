import { createCertificateAuthority, issueServerCertificate } from '@hub/demo'
import { expect, test } from 'vitest'
import { findAuthoritiesEnd, findAuthoritiesFault } from './check-authorities.ts'

const authority = await createCertificateAuthority('models')
const former = await createCertificateAuthority('models', { lifetimeDays: 0 })
const server = await issueServerCertificate(authority)
const unreadable = authority.certificate.replace(/(?<=CERTIFICATE-----\n)..../, 'AAAA')

test.each([
  ['one', authority.certificate],
  [
    'several, and what is written around them',
    `# old\n${former.certificate}${authority.certificate}`,
  ],
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

test('of several authorities one that is good is enough', () => {
  const end = findAuthoritiesEnd(former.certificate + authority.certificate)
  expect(end).toEqual(findAuthoritiesEnd(authority.certificate))
  expect(findAuthoritiesEnd(former.certificate)!.getTime()).toBeLessThanOrEqual(Date.now())
  expect(findAuthoritiesEnd(unreadable)).toBeNull()
})
