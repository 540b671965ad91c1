import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHub, type HubProcess } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { findFreePort } from '../../backend/test/free-port.ts'
import { readVersion } from '../build/compile.ts'
import { nameOf, ownPlatform, platforms } from '../build/platforms.ts'
import { readBlocks } from '../test/documents.ts'
import { ownEnvironment, runProgram } from '../test/run-program.ts'

const checkout = join(import.meta.dirname, '..', '..')
const dist = join(checkout, 'cli', 'dist')
const zipOf = (platform: string) => `kubectl-together_login_${platform}.zip`

/** What a program of each system begins with: ELF, Mach-O and PE, and the processor's number. */
const formats: Record<
  string,
  { magic: string; processor: (bytes: Buffer) => number; number: number }
> = {
  linux_amd64: { magic: '7f454c46', processor: (bytes) => bytes.readUInt16LE(18), number: 62 },
  linux_arm64: { magic: '7f454c46', processor: (bytes) => bytes.readUInt16LE(18), number: 183 },
  darwin_amd64: {
    magic: 'cffaedfe',
    processor: (bytes) => bytes.readUInt32LE(4),
    number: 0x1000007,
  },
  darwin_arm64: {
    magic: 'cffaedfe',
    processor: (bytes) => bytes.readUInt32LE(4),
    number: 0x100000c,
  },
  windows_amd64: { magic: '4d5a', processor: peProcessor, number: 0x8664 },
  windows_arm64: { magic: '4d5a', processor: peProcessor, number: 0xaa64 },
}

/** What people have, which checks what it unpacks. */
function unzip(option: '-Z1' | '-p', platform: string): Buffer {
  return execFileSync('unzip', [option, join(dist, zipOf(platform))], { maxBuffer: 2 ** 28 })
}

function peProcessor(bytes: Buffer): number {
  return bytes.readUInt16LE(bytes.readUInt32LE(0x3c) + 4)
}

/** What macOS checks before it starts a program: that the signature is about all of it, page by page. */
function checkSignature(program: Buffer): { rest: number; pages: number; wrong: number[] } {
  const commands: number[] = []
  for (let at = 32, left = program.readUInt32LE(16); left > 0; left -= 1) {
    commands.push(at)
    at += program.readUInt32LE(at + 4)
  }
  const command = commands.find((at) => program.readUInt32LE(at) === 0x1d)!
  const [start, size] = [program.readUInt32LE(command + 8), program.readUInt32LE(command + 12)]
  const directory = start + program.readUInt32BE(start + 16)
  expect(program.readUInt32BE(directory)).toBe(0xfade0c02)
  expect(program.readUInt32BE(directory + 32)).toBe(start)
  const pages = program.readUInt32BE(directory + 28)
  const hashes = directory + program.readUInt32BE(directory + 16)
  const wrong = Array.from({ length: pages }, (_, page) => page).filter((page) => {
    const bytes = program.subarray(page * 4096, Math.min((page + 1) * 4096, start))
    const digest = createHash('sha256').update(bytes).digest()
    return !digest.equals(program.subarray(hashes + page * 32, hashes + (page + 1) * 32))
  })
  return { rest: program.length - start - size, pages, wrong }
}

describe('the builds, and the hub that serves them', { timeout: 300_000 }, () => {
  let folder: string
  let hub: HubProcess
  let url: string
  beforeAll(async () => {
    const built = await runProgram(process.execPath, [join(checkout, 'cli/build/release.ts')], {
      env: ownEnvironment(),
    })
    expect(built).toMatchObject({ code: 0 })
    folder = await mkdtemp(join(tmpdir(), 'hub-builds-'))
    const port = await findFreePort()
    url = `http://127.0.0.1:${port}`
    await writeFile(join(folder, 'kubeconfig'), 'apiVersion: v1\nkind: Config\n')
    hub = startHub({
      url,
      env: {
        PORT: String(port),
        KUBECONFIG: join(folder, 'kubeconfig'),
        DATABASE_URL: join(folder, 'hub.db'),
        CREDENTIALS_PATH: folder,
      },
    })
    await hub.ready
  }, 600_000)
  afterAll(async () => {
    await hub?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  test.each(platforms.map(nameOf))('%s: a zip of at most 60 MB with one program', (platform) => {
    const bytes = readFileSync(join(dist, zipOf(platform)))
    expect(bytes.byteLength).toBeLessThanOrEqual(60_000_000)
    const sum = createHash('sha256').update(bytes).digest('hex')
    expect(readFileSync(join(dist, `${zipOf(platform)}.sha256`), 'utf8')).toBe(
      `${sum}  ${zipOf(platform)}\n`,
    )
    const name = `kubectl-together_login${platform.startsWith('windows') ? '.exe' : ''}`
    expect(unzip('-Z1', platform).toString()).toBe(`${name}\n`)
    const program = unzip('-p', platform)
    const { magic, number, processor } = formats[platform]!
    expect(program.subarray(0, magic.length / 2).toString('hex')).toBe(magic)
    expect(processor(program)).toBe(number)
    if (!platform.startsWith('darwin')) return
    const signature = checkSignature(program)
    expect(signature).toMatchObject({ rest: 0, wrong: [] })
    expect(signature.pages).toBeGreaterThan(10_000)
  })

  test('the manifests name every build by its checksum', async () => {
    const sumOf = (platform: string) =>
      readFileSync(join(dist, `${zipOf(platform)}.sha256`), 'utf8').slice(0, 64)
    const krew = parse(await readFile(join(dist, 'together-login.yaml'), 'utf8')) as {
      spec: { version: string; platforms: { uri: string; sha256: string }[] }
    }
    expect(krew.spec.version).toBe(`v${await readVersion()}`)
    expect(krew.spec.platforms.map(({ sha256 }) => sha256)).toEqual(
      platforms.map(nameOf).map(sumOf),
    )
    const formula = await readFile(join(dist, 'kubectl-together_login.rb'), 'utf8')
    const scoop = await readFile(join(dist, 'kubectl-together_login.json'), 'utf8')
    for (const { arch, os } of platforms) {
      const text = os === 'windows' ? scoop : formula
      expect(text).toContain(zipOf(`${os}_${arch}`))
      expect(text).toContain(sumOf(`${os}_${arch}`))
    }
    expect(JSON.parse(scoop)).toMatchObject({ bin: 'kubectl-together_login.exe' })
  })

  test.each([
    [6, 'darwin_arm64'],
    [7, 'darwin_amd64'],
    [8, 'linux_amd64'],
    [9, 'linux_arm64'],
  ])('block %i of the document installs %s from the hub', async (number, platform) => {
    const home = join(folder, platform)
    const bin = join(home, 'bin')
    await mkdir(bin, { recursive: true })
    // What macOS has and Linux has under another name.
    await writeFile(join(bin, 'shasum'), '#!/bin/sh\nshift 2\nexec sha256sum "$@"\n')
    await chmod(join(bin, 'shasum'), 0o755)
    const { text } = readBlocks('cluster-oidc.md').find((each) => each.number === number)!
    const script = text
      .replaceAll(/https:\/\/github\.com\/\S+\/download/g, `${url}/cli`)
      .replace('sudo ', '')
      .replace('/usr/local/bin/', `${bin}/`)
    expect(script).toContain(zipOf(platform))
    const page = await (await fetch(`${url}/cli/`)).text()
    expect(page.replaceAll(url, '')).toContain(`curl -fsSL -O /cli/${zipOf(platform)}.sha256`)
    const env = { HOME: home, PATH: `${bin}:/usr/bin:/bin` }
    const ran = await runProgram('/bin/sh', ['-ec', script], { env, cwd: home })
    expect(ran).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${zipOf(platform)}: OK`),
    })
    const program = join(bin, 'kubectl-together_login')
    expect((await stat(program)).mode & 0o111).toBe(0o111)
    if (platform !== nameOf(ownPlatform()!)) return
    expect(await runProgram(program, ['version'], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(await readVersion()),
    })
  })
})
