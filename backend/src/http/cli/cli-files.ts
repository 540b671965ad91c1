import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { AppError } from '#errors'

export type CliFile = {
  bytes: number
  /** Its SHA-256, where one is kept beside it. */
  digest: string | null
  open(): ReadableStream
}
export type CliFiles = ReturnType<typeof createCliFiles>
export type CliSource = {
  /** The folder of the zips, their checksums and manifests. */
  directory: string
  /** Builds what this machine itself runs, into that folder; null where only what is there is served. */
  build: (() => Promise<void>) | null
}

const zipName = /^kubectl-together_login_(linux|darwin|windows)_(amd64|arm64)\.zip(\.sha256)?$/
const manifestNames = new Set([
  'kubectl-together_login.rb',
  'kubectl-together_login.json',
  'together-login.yaml',
])

/** The plugin's builds, by the names that people download them by. */
export function createCliFiles({ build, directory }: CliSource) {
  let building: Promise<void> | null = null
  // What failed is tried again by the next.
  const buildOnce = (): Promise<void> => {
    building ??= build!().catch((cause: unknown) => {
      building = null
      throw new AppError('unavailable', {
        detail: 'The plugin could not be built here; the log says why.',
        cause,
      })
    })
    return building
  }
  const ownName = `kubectl-together_login_${ownPlatform()}.zip`
  return {
    /** Throws `not-found`, with what there is instead. */
    async find(name: string): Promise<CliFile> {
      const [, os, arch] = zipName.exec(name) ?? []
      if (os === undefined && !manifestNames.has(name)) {
        throw new AppError('not-found', { detail: 'There is no such file: see /cli/.' })
      }
      if (build && name.startsWith(ownName)) await buildOnce()
      const file = await open(directory, name)
      if (file) return file
      const what = os === undefined ? `the file ${name}` : `a build for ${os} on ${arch}`
      const has = build ? ` It builds its own machine's alone, ${ownPlatform()}.` : ''
      throw new AppError('not-found', {
        detail: `This hub does not have ${what}.${has} Run "make release" in cli/ of a checkout to build them all.`,
      })
    },
    read: (name: string) => readFile(join(directory, name), 'utf8'),
  }
}

async function open(directory: string, name: string): Promise<CliFile | null> {
  const path = join(directory, name)
  const found = await stat(path).catch(() => null)
  if (!found?.isFile()) return null
  const sum = await readFile(`${path}.sha256`, 'utf8').catch(() => '')
  return {
    bytes: found.size,
    digest: /^[0-9a-f]{64}/.exec(sum)?.[0] ?? null,
    // Node's own stream is the standard's in all that is used of it.
    open: () => Readable.toWeb(createReadStream(path)) as ReadableStream,
  }
}

/** As the file names call it. */
function ownPlatform(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform
  return `${os}_${process.arch === 'x64' ? 'amd64' : process.arch}`
}
