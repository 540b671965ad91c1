import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeText } from './decode-text.ts'
import { createKubeconfigReader } from './kubeconfig-reader.ts'
import { loadKubeconfig } from './load-kubeconfig.ts'

const swap = (bytes: Buffer) => Buffer.from(bytes).swap16()
const littleEndian = (text: string) => Buffer.from(text, 'utf16le')
const encodings: [string, (text: string) => Buffer][] = [
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-8 with a mark', (text) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-16LE, as PowerShell writes it', (text) => littleEndian(`\uFEFF${text}`)],
  ['UTF-16LE without a mark', littleEndian],
  ['UTF-16BE', (text) => swap(littleEndian(`\uFEFF${text}`))],
  ['UTF-16BE without a mark', (text) => swap(littleEndian(text))],
]

describe('decodeText', () => {
  test.each(encodings)('H42: reads %s', (_, encode) => {
    expect(decodeText(encode('apiVersion: v1 # Prüfung 日本'))).toBe(
      'apiVersion: v1 # Prüfung 日本',
    )
  })

  test('H42: takes anything', () => {
    for (const bytes of [[], [0], [0xff], [0xff, 0xfe], [0xff, 0xfe, 0x61], [0, 0, 0]]) {
      expect(typeof decodeText(Uint8Array.from(bytes))).toBe('string')
    }
  })

  test.each([
    [[0x61]],
    [[0]],
    [[0, 0]],
    [[0, 0, 0x61]],
    [[0xff, 0x61]],
    [[0x61, 0xfe]],
    [[0xfe, 0x61]],
    [[0x61, 0xff]],
    [[0x61, 0x62, 0]],
  ])('%j begins as no UTF-16 does', (bytes) => {
    expect(decodeText(Uint8Array.from(bytes))).toBe(
      new TextDecoder().decode(Uint8Array.from(bytes)),
    )
  })

  test.each(encodings)('H42: a file that a kubeconfig names may be %s too', async (_, encode) => {
    const directory = await mkdtemp(join(tmpdir(), 'hub-encoding-'))
    await mkdir(join(directory, 'prod'))
    await writeFile(join(directory, 'prod', 'token'), encode('a-token\n'))
    const kubeconfig = {
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server: 'https://cluster.example' } }],
      users: [{ name: 'u', user: { tokenFile: 'prod/token' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }
    const { parsed } = await loadKubeconfig(JSON.stringify(kubeconfig), {
      reader: createKubeconfigReader(),
      policy: { allowLoopback: false, allowInsecureTls: false },
      files: { directory, instance: 'prod' },
    })
    expect(parsed).toMatchObject({ ok: true, credential: { token: 'a-token' } })
    await rm(directory, { recursive: true })
  })
})
