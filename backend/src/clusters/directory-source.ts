import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  decodeText,
  kubeconfigBytesMax,
  loadKubeconfig,
  readSized,
  type KubeconfigPolicy,
  type KubeconfigReader,
} from '#kube'
import {
  credentialExtension,
  type CredentialSource,
  type SourceContent,
} from './credential-source.ts'
import { createMisnamedFinder } from './find-misnamed.ts'
import { watchDirectory } from './watch-directory.ts'

/** The files of the credentials directory; what they name truly lies inside it and belongs to their instance. */
export function createDirectorySource(
  path: string,
  policy: KubeconfigPolicy,
  reader: KubeconfigReader,
): CredentialSource {
  const directory = resolve(path)
  const findMisnamed = createMisnamedFinder(directory)
  return {
    async list() {
      try {
        const entries = await readdir(directory, { withFileTypes: true })
        const names = entries
          .map(({ name }) => name)
          .filter((name) => name.endsWith(credentialExtension) && !name.startsWith('.'))
        return { names: names.toSorted(), problem: null, misnamed: await findMisnamed(entries) }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        return code === 'ENOENT'
          ? {
              names: [],
              problem: `The credentials directory ${directory} does not exist. Create it, or correct CREDENTIALS_PATH.`,
            }
          : {
              names: null,
              problem: isExhausted(code)
                ? `The credentials directory ${directory} cannot be read (${code}). ${exhausted.fix}`
                : `The credentials directory ${directory} cannot be read (${code}). Correct its permissions, or CREDENTIALS_PATH.`,
            }
      }
    },
    read: (name) => readContent(join(directory, name)),
    load: (text, instance) =>
      loadKubeconfig(text, { reader, policy, files: { directory, instance } }),
    title: (name) => name,
    watch: (onEvent, onError) => watchDirectory(directory, { onEvent, onError }),
  }
}

const unreadable = {
  reason: 'The file cannot be read.',
  fix: "Make it a regular file, or a link to one, that the hub's user may read.",
}

const exhausted = {
  reason: 'The file cannot be read: the hub has reached its limit on open files and sockets.',
  fix: "Raise the hub's limit on open files (ulimit -n, LimitNOFILE of its service, or nofile of its container) and restart it.",
}

const tooLarge = {
  reason: 'The file is larger than 1 MiB.',
  fix: 'Remove everything that does not belong to this instance.',
}

/** Null where the file is gone since it was listed. */
async function readContent(path: string): Promise<SourceContent | null> {
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stat = await file.stat()
      if (!stat.isFile()) return unreadable
      if (stat.size > kubeconfigBytesMax) return tooLarge
      // Some file systems do not say how long a file is.
      const bytes = stat.size === 0 ? await file.readFile() : await readSized(file, stat.size)
      return { text: decodeText(bytes) }
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && (await isGone(path))) return null
    return isExhausted(code) ? exhausted : unreadable
  }
}

function isExhausted(code: string | undefined): boolean {
  return code === 'EMFILE' || code === 'ENFILE'
}

/** A link that leads nowhere is there; its target is not. */
async function isGone(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return false
  } catch {
    return true
  }
}
