import { BlockList } from 'node:net'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { socketOf } from '../../test/hub.ts'
import type { Client } from '#context'
import { placeOf, readClient } from './client.ts'

const trusted = new BlockList()
trusted.addSubnet('10.0.0.0', 8)
trusted.addSubnet('fd00::', 8, 'ipv6')

async function read(peer: string | null, headers: Record<string, string>): Promise<Client> {
  const app = new Hono().get('/', (c) => c.json(readClient(c, trusted)))
  const env = peer === null ? {} : socketOf(peer)
  return (await (await app.request('/', { headers }, env)).json()) as Client
}

describe('readClient', () => {
  test.each([
    // What strangers say about themselves counts for nothing.
    ['192.0.2.9', '198.51.100.1', '192.0.2.9'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    // Left of the first address that is no proxy, everything was written by the client.
    ['10.0.0.1', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['10.0.0.1', '198.51.100.1, nonsense, 10.0.0.2', '10.0.0.2'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['fd00::1', '198.51.100.1, fd00::2', '198.51.100.1'],
  ])('from %s with X-Forwarded-For %s it is %s', async (peer, forwarded, ip) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
    expect((await read(peer, headers)).ip).toBe(ip)
  })

  test('a list of thousands of proxies is the last of them', async () => {
    const forwarded = Array.from({ length: 5_000 }, () => '10.0.0.2').join(',')
    const { ip } = await read('10.0.0.1', { 'x-forwarded-for': forwarded })
    expect(ip).toBe('10.0.0.2')
  })

  test('host and protocol are believed of a trusted proxy alone', async () => {
    const headers = {
      host: 'inside:3001',
      'x-forwarded-host': 'evil.example.com, hub.example.com',
      'x-forwarded-proto': 'https',
    }
    expect(await read('10.0.0.1', headers)).toMatchObject({
      host: 'hub.example.com',
      protocol: 'https',
    })
    expect(await read('192.0.2.9', headers)).toMatchObject({ host: 'inside:3001', protocol: null })
    expect(await read(null, headers)).toMatchObject({ ip: null, host: 'inside:3001' })
    const odd = { ...headers, 'x-forwarded-proto': 'javascript' }
    expect((await read('10.0.0.1', odd)).protocol).toBeNull()
  })
})

test.each([
  ['192.0.2.9', '192.0.2.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['FE80::1%eth0', 'fe80:0:0:0::/64'],
  [null, ''],
])('requests of %s count as those of %s', (ip, place) => {
  expect(placeOf(ip)).toBe(place)
})
