import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { decodeText } from './decode-text.ts'
import type { FileContent } from './kubeconfig-job.ts'
import type { KubeconfigReader } from './kubeconfig-reader.ts'
import type { KubeconfigPolicy } from './kubeconfig-policy.ts'
import type { ParsedKubeconfig } from './parse-kubeconfig.ts'
import { readSized } from './read-sized.ts'
import { kubeconfigBytesMax } from './read-yaml.ts'
import { describeUnopened } from './refusal.ts'

export type LoadedKubeconfig = {
  parsed: ParsedKubeconfig
  /** Of the kubeconfig and of every file it names: what changes one changes it. */
  digest: string
  /** Whether files beside the kubeconfig were needed, or would be. */
  namesFiles: boolean
}

/**
 * The files that a kubeconfig may name: none; any, as for kubectl; or those that belong to `instance` in `directory`, which
 * are named `<instance>.…` or lie in a folder `<instance>`. Another instance's token would else be sent wherever the
 * kubeconfig says.
 */
type NamedFiles = 'none' | 'any' | { directory: string; instance: string }

export type LoadOptions = { reader: KubeconfigReader; policy: KubeconfigPolicy; files: NamedFiles }

/**
 * Parses a kubeconfig with the files that it names. Only regular files of at most 1 MiB that truly lie where they may,
 * whatever links lead to them, are opened; relative paths start at the directory.
 */
export async function loadKubeconfig(
  text: string,
  { files, policy, reader }: LoadOptions,
): Promise<LoadedKubeconfig> {
  const contents = new Map<string, FileContent>()
  const digest = createHash('sha256').update(text)
  for (;;) {
    const parsed = await reader.parse(text, policy, contents)
    if (!('needed' in parsed)) {
      return { parsed, digest: digest.digest('hex'), namesFiles: contents.size > 0 }
    }
    const { field, path } = parsed.needed
    const content = await readNamed(files, path, field)
    contents.set(path, content)
    digest.update(`\0${path}\0${'text' in content ? content.text : content.reason}`)
  }
}

async function readNamed(files: NamedFiles, path: string, field: string): Promise<FileContent> {
  if (files === 'none') return describeUnopened(field)
  const unreadable = {
    reason: `"${field}" names a file that cannot be read.`,
    fix:
      files === 'any'
        ? 'Make it a regular file of at most 1 MiB that you may read.'
        : "Make it a regular file of at most 1 MiB in the credentials directory that the hub's user may read.",
  }
  if (path.includes('\0')) return unreadable
  try {
    if (files === 'any') return await readRegular(await realpath(path), unreadable)
    return await readOwn(files, path, field, unreadable)
  } catch {
    return unreadable
  }
}

async function readOwn(
  { directory, instance }: { directory: string; instance: string },
  path: string,
  field: string,
  unreadable: FileContent,
): Promise<FileContent> {
  const outside = {
    reason: `"${field}" names a file outside the credentials directory, which the hub does not open.`,
    fix: 'Put the file into the credentials directory, or its content into the kubeconfig.',
  }
  const foreign = {
    reason: `"${field}" names a file that does not belong to this instance, which the hub does not open.`,
    fix: `Name the file "${instance}.…", such as "${instance}.token", or put it into a folder "${instance}" in the credentials directory.`,
  }
  const root = await realpath(directory)
  const written = isAbsolute(path) ? join(path) : join(root, path)
  const within = [root, directory].find((each) => written.startsWith(each + sep))
  const target = await realpath(written).catch(() => null)
  // The same words whether or not there is such a file elsewhere.
  if (within === undefined || (target !== null && !target.startsWith(root + sep))) return outside
  const isOwn = [
    relative(within, written),
    ...(target === null ? [] : [relative(root, target)]),
  ].every((each) => belongsTo(instance, each))
  if (!isOwn) return foreign
  return target === null ? unreadable : readRegular(target, unreadable)
}

/** Kubernetes mounts a secret's files as links into a folder whose name begins with two dots. */
function belongsTo(instance: string, path: string): boolean {
  const [first = '', ...rest] = path
    .split(sep)
    .filter((part, at) => at > 0 || !part.startsWith('..'))
  if (rest.length > 0) return first === instance
  return first.startsWith(`${instance}.`) && !first.endsWith('.kubeconfig')
}

async function readRegular(target: string, unreadable: FileContent): Promise<FileContent> {
  // The real path has no link left to follow; without O_NONBLOCK a pipe would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW
  const file = await open(target, flags)
  try {
    const { size, ...stat } = await file.stat().then((found) => ({
      size: found.size,
      isFile: found.isFile(),
    }))
    if (!stat.isFile || size > kubeconfigBytesMax) return unreadable
    return { text: decodeText(await readSized(file, size)) }
  } finally {
    await file.close()
  }
}
