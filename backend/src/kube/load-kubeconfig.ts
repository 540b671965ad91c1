import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { isAbsolute, join, sep } from 'node:path'
import {
  kubeconfigBytesMax,
  parseKubeconfig,
  Refusal,
  type KubeconfigPolicy,
  type ParsedKubeconfig,
} from './parse-kubeconfig.ts'

export type LoadedKubeconfig = {
  parsed: ParsedKubeconfig
  /** Of the kubeconfig and of every file it names: what changes one changes it. */
  digest: string
  /** Whether files beside the kubeconfig were needed, or would be. */
  namesFiles: boolean
}

/**
 * Parses a kubeconfig with the files that it names. Only regular files of at most 1 MiB that truly lie inside
 * `directory`, whatever links lead to them, are opened; relative paths start there. Where `directory` is null the files
 * may lie anywhere, as for kubectl.
 */
export async function loadKubeconfig(
  text: string,
  policy: KubeconfigPolicy,
  directory: string | null,
): Promise<LoadedKubeconfig> {
  const contents = new Map<string, string | Refusal>()
  const digest = createHash('sha256').update(text)
  for (;;) {
    try {
      const parsed = parseKubeconfig(text, policy, (path, field) => {
        const content = contents.get(path)
        if (content === undefined) throw new Needed(path, field)
        if (content instanceof Refusal) throw content
        return content
      })
      return { parsed, digest: digest.digest('hex'), namesFiles: contents.size > 0 }
    } catch (error) {
      if (!(error instanceof Needed)) throw error
      const content = await readReferenced(directory, error.path, error.field)
      contents.set(error.path, content)
      digest.update(`\0${error.path}\0${typeof content === 'string' ? content : content.message}`)
    }
  }
}

/** The parser came to a file that was not read yet. */
class Needed extends Error {
  readonly path: string
  readonly field: string

  constructor(path: string, field: string) {
    super('a file is needed')
    this.path = path
    this.field = field
  }
}

async function readReferenced(
  directory: string | null,
  path: string,
  field: string,
): Promise<string | Refusal> {
  const outside = new Refusal(
    `"${field}" names a file outside the credentials directory, which the hub does not open.`,
    'Put the file into the credentials directory, or its content into the kubeconfig.',
  )
  const unreadable = new Refusal(
    `"${field}" names a file that cannot be read.`,
    directory === null
      ? 'Make it a regular file of at most 1 MiB that you may read.'
      : "Make it a regular file of at most 1 MiB in the credentials directory that the hub's user may read.",
  )
  if (path.includes('\0')) return unreadable
  try {
    if (directory === null) return await readRegular(await realpath(path), unreadable)
    const root = await realpath(directory)
    const target = await realpath(isAbsolute(path) ? path : join(root, path)).catch(() => null)
    // The same words whether or not there is such a file elsewhere.
    if (target === null) return isInside(directory, root, path) ? unreadable : outside
    if (!target.startsWith(root + sep)) return outside
    return await readRegular(target, unreadable)
  } catch {
    return unreadable
  }
}

async function readRegular(target: string, unreadable: Refusal): Promise<string | Refusal> {
  // The real path has no link left to follow; without O_NONBLOCK a pipe would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW
  const file = await open(target, flags)
  try {
    const { size, ...stat } = await file.stat().then((found) => ({
      size: found.size,
      isFile: found.isFile(),
    }))
    if (!stat.isFile || size > kubeconfigBytesMax) return unreadable
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

function isInside(directory: string, root: string, path: string): boolean {
  const plain = isAbsolute(path) ? join(path) : join(root, path)
  return plain.startsWith(root + sep) || plain.startsWith(directory + sep)
}
