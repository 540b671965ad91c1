import type { Dirent } from 'node:fs'
import { constants } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InstanceId } from '@hub/shared'
import { decodeText, readSized } from '#kube'
import { credentialExtension, type MisnamedFile } from './credential-source.ts'

const listedMax = 100
const lookedAtMax = 500
const folderEntriesMax = 20
const bytesLookedAt = 64 * 1024

/** `prod-east-kubeconfig`, `prod.yaml`, `config`, `prod.KUBECONFIG` */
const meantByName = /kubeconfig|^config$|\.(ya?ml|json|conf)$/i
const meantByContent =
  /^\uFEFF?\s*"?(clusters|contexts|current-context)"?\s*:|[\n{,]\s*"?(clusters|contexts|current-context)"?\s*:/
/** Notes, and what file systems put there. */
const isOther = (name: string) =>
  name.startsWith('.') || /^readme|\.(md|txt)$/i.test(name) || name === 'lost+found'

/**
 * Finds the files of a credentials directory that somebody believes to be credentials: each is told with the name that it
 * should have. What belongs to an instance (`<instance>.…`, a folder `<instance>`) is none of them. It remembers what it
 * read, so that a directory that does not change costs nothing but its list.
 */
export function createMisnamedFinder(directory: string) {
  const seen = new Map<string, { version: string; isMeant: boolean }>()

  const isMeant = async (file: string, byName: boolean): Promise<boolean> => {
    const path = join(directory, file)
    const found = await stat(path)
    if (!found.isFile()) return false
    const version = `${found.ino} ${found.size} ${found.mtimeMs}`
    const known = seen.get(file)
    if (known?.version === version) return known.isMeant
    const verdict = byName || meantByContent.test(await readStart(path, found.size))
    seen.set(file, { version, isMeant: verdict })
    return verdict
  }

  return async (entries: readonly Dirent[]): Promise<MisnamedFile[]> => {
    const instances = new Set(
      entries
        .filter(({ name }) => name.endsWith(credentialExtension))
        .map(({ name }) => name.slice(0, -credentialExtension.length)),
    )
    const belongs = (name: string) => instances.has(name.split('.', 1)[0]!)
    const strays = entries
      .filter(({ name }) => !isOther(name) && !name.endsWith(credentialExtension) && !belongs(name))
      .map(({ name }) => name)
      .toSorted()
    const found: MisnamedFile[] = []
    const lookedAt = new Set<string>()
    for (const name of strays) {
      for (const file of await filesOf(directory, name)) {
        if (found.length >= listedMax || lookedAt.size >= lookedAtMax) break
        lookedAt.add(file)
        const isByName = file === name && meantByName.test(name)
        // One that cannot be looked at is told by its name alone.
        if (await isMeant(file, isByName).catch(() => isByName)) found.push(describe(name, file))
      }
    }
    for (const file of seen.keys()) if (!lookedAt.has(file)) seen.delete(file)
    return found
  }
}

/** The file itself, or the files of a folder: some mounts put each secret into one, as `prod/value`. */
async function filesOf(directory: string, name: string): Promise<string[]> {
  try {
    if (!(await stat(join(directory, name))).isDirectory()) return [name]
    const inside = await readdir(join(directory, name))
    return inside
      .filter((each) => !isOther(each))
      .toSorted()
      .slice(0, folderEntriesMax)
      .map((each) => `${name}/${each}`)
  } catch {
    return [name]
  }
}

async function readStart(path: string, size: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    return decodeText(await readSized(file, Math.min(size, bytesLookedAt)))
  } finally {
    await file.close()
  }
}

function describe(name: string, file: string): MisnamedFile {
  const wanted = `${toInstance(name) ?? '<instance>'}${credentialExtension}`
  const isInFolder = file !== name
  return {
    file: file.slice(0, 300),
    reason: isInFolder
      ? 'It is in a subfolder, where the hub does not look for credentials.'
      : `Its name does not end in "${credentialExtension}", so it is not treated as a credential.`,
    fix: `Name it "${wanted}"${isInFolder ? ' and put it into the credentials directory itself' : ''}. In a SecretProviderClass, that is its "objectAlias"; in a volume of a Secret, the "path" of its key.`,
  }
}

/** What is left of the name without the words for what kind of file it is, where that can name an instance. */
function toInstance(name: string): string | null {
  const bare = name.toLowerCase().replace(/([._-]?(kubeconfig|ya?ml|json|conf|config))+$/, '')
  const parsed = InstanceId.safeParse(
    bare.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, ''),
  )
  return parsed.success ? parsed.data : null
}
