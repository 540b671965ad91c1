import { describe, expect, test } from 'vitest'
import { describeBlockedAddress, describeBlockedHost, describeBlockedTarget } from './addresses.ts'
import { createHostRules } from './host-rules.ts'

const open = { allowLoopback: true }
const strict = { allowLoopback: false }

describe('an address that no cluster has', () => {
  test.each([
    ['169.254.0.1', 'a link-local address'],
    ['169.254.169.254', 'a link-local address'],
    ['fe80::1', 'a link-local address'],
    ['fe80::1%eth0', 'a link-local address'],
    ['::ffff:169.254.169.254', 'a link-local address'],
    ['::169.254.169.254', 'a link-local address'],
    ['64:ff9b::169.254.169.254', 'a link-local address'],
    ['2002:a9fe:a9fe::', 'a link-local address'],
    ['2002:a9fe:a9fe:1:2:3:4:5', 'a link-local address'],
    ['fd00:ec2::254', 'the address of a cloud metadata service'],
    ['fd20:ce::254', 'the address of a cloud metadata service'],
    ['168.63.129.16', 'the address of a cloud metadata service'],
    ['192.0.0.192', 'the address of a cloud metadata service'],
    ['100.100.100.200', 'the address of a cloud metadata service'],
    ['::ffff:100.100.100.200', 'the address of a cloud metadata service'],
    ['224.0.0.1', 'a multicast address'],
    ['239.255.255.255', 'a multicast address'],
    ['255.255.255.255', 'a multicast address'],
    ['ff02::1', 'a multicast address'],
  ])('%s is refused, loopback or not: %s', (address, what) => {
    expect(describeBlockedAddress(address, open)).toBe(what)
    expect(describeBlockedAddress(address, strict)).toBe(what)
  })

  test.each([
    '127.0.0.1',
    '127.255.255.255',
    '0.0.0.0',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ])('%s is the machine itself, where that is not allowed', (address) => {
    expect(describeBlockedAddress(address, strict)).toBe('a loopback address')
    expect(describeBlockedAddress(address, open)).toBeNull()
  })

  test.each([
    '10.0.0.1',
    '126.255.255.255',
    '128.0.0.1',
    '169.253.255.255',
    '223.255.255.255',
    '2001:db8::1',
    'fd12::1',
    // No address of IPv4, for all that stands at its end.
    '2001:db8::127.0.0.1',
    '1::ffff:127.0.0.1',
    '::1:0:0:127.0.0.1',
    '::fffe:7f00:1',
    '65:ff9b::127.0.0.1',
    '64:ff9c::127.0.0.1',
    '2003:7f00:1::',
    '1:2:3:4:5:6:7f00:1',
  ])('%s is any other', (address) => {
    expect(describeBlockedAddress(address, strict)).toBeNull()
  })
})

describe('a name that says by itself where it leads', () => {
  const blocked = (hostname: string, policy = strict) => describeBlockedHost({ hostname }, policy)

  test.each(['localhost', 'localhost.', 'LocalHost', 'db.localhost', 'a.db.localhost.'])(
    '%s is the machine itself',
    (hostname) => {
      expect(blocked(hostname)).toBe('a loopback address')
      expect(blocked(hostname, open)).toBeNull()
    },
  )

  test.each(['metadata.google.internal', 'Metadata.Google.Internal.'])(
    "%s is a cloud's, whatever is allowed",
    (hostname) => {
      expect(blocked(hostname)).toBe('the address of a cloud metadata service')
      expect(blocked(hostname, open)).toBe('the address of a cloud metadata service')
    },
  )

  test.each(['localhost.example', 'notlocalhost', 'localhost.metadata', 'cluster.example'])(
    '%s is judged when it is resolved',
    (hostname) => expect(blocked(hostname)).toBeNull(),
  )

  test('an address in brackets is one', () => {
    expect(blocked('[::1]')).toBe('a loopback address')
    expect(blocked('[2001:db8::1]')).toBeNull()
    expect(blocked('127.0.0.1')).toBe('a loopback address')
  })
})

describe('where a connection may lead to listed hosts alone', () => {
  const only = createHostRules(['api.example.com', '10.0.0.0/8', '169.254.0.0/16'])

  test.each([
    ['api.example.com', '192.0.2.1', null],
    ['other.example.com', '10.1.2.3', null],
    ['10.1.2.3', '10.1.2.3', null],
    ['other.example.com', '192.0.2.1', 'an address that it may not lead to'],
    ['192.0.2.1', '192.0.2.1', 'an address that it may not lead to'],
    ['api.example.com', '169.254.169.254', 'a link-local address'],
  ])('%s at %s: %s', (host, address, what) => {
    expect(describeBlockedTarget(host, address, { ...open, only })).toBe(what)
  })

  test('and to every other one where none is listed', () => {
    expect(describeBlockedTarget('other.example.com', '192.0.2.1', open)).toBeNull()
  })
})
