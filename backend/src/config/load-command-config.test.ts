import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadCredentialConfig, loadMoveConfig } from './load-command-config.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-command-config-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('bun run credential', () => {
  test.each([
    [undefined, false],
    ['', false],
    ['true', true],
    [' 1 ', true],
    ['TRUE', true],
    ['0', false],
  ])('reads HUB_ALLOW_INSECURE_TLS=%j as the hub does', (text, allowInsecureTls) => {
    expect(loadCredentialConfig({ HUB_ALLOW_INSECURE_TLS: text })).toMatchObject({
      allowInsecureTls,
    })
  })

  test('names everything that it cannot read', () => {
    const env = { HUB_ALLOW_INSECURE_TLS: 'maybe', HUB_ALLOW_CLUSTER_PROXIES: 'socks://p:1' }
    expect(() => loadCredentialConfig(env)).toThrow(
      /HUB_ALLOW_CLUSTER_PROXIES lists[^]*HUB_ALLOW_INSECURE_TLS must be true or false/,
    )
  })

  test('goes by the same folder as the hub', () => {
    expect(loadCredentialConfig({ CREDENTIALS_PATH: ' ' }).path).toBe('./credentials')
    expect(loadCredentialConfig({ CREDENTIALS_PATH: ' /c ' }).path).toBe('/c')
  })
})

describe('bun run move-to-postgres', () => {
  const target = 'postgres://u:p@h/hub'

  test('reads both addresses from files as well', () => {
    const files = { DATABASE_URL: '/data/hub.db\n', TARGET_DATABASE_URL: `${target}\n` }
    const env = Object.fromEntries(
      Object.entries(files).map(([name, content]) => {
        const path = join(folder, name)
        writeFileSync(path, content)
        return [`${name}_FILE`, path]
      }),
    )
    expect(loadMoveConfig(env)).toEqual({
      from: { driver: 'sqlite', path: '/data/hub.db' },
      to: { driver: 'postgres', url: target },
    })
  })

  test('refuses an address that is set twice, and a file that is not there', () => {
    const twice = { DATABASE_URL: 'a.db', DATABASE_URL_FILE: '/b', TARGET_DATABASE_URL: target }
    expect(() => loadMoveConfig(twice)).toThrow('DATABASE_URL and DATABASE_URL_FILE are both set')
    expect(() => loadMoveConfig({ TARGET_DATABASE_URL_FILE: '/nowhere/url' })).toThrow(
      'TARGET_DATABASE_URL_FILE names /nowhere/url, which cannot be read',
    )
  })
})
