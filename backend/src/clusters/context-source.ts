import { readFile, stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { InstanceId } from '@hub/shared'
import {
  decodeText,
  kubeconfigBytesMax,
  loadKubeconfig,
  type KubeconfigFile,
  type KubeconfigPolicy,
  type KubeconfigReader,
  type SplitContexts,
} from '#kube'
import { credentialExtension, type CredentialSource } from './credential-source.ts'

const labelLengthMax = 63

/**
 * The contexts of a person's own kubeconfigs, each a credential. The files are few and small: they are read at every scan,
 * which notices whatever way they are replaced in.
 */
export function createContextSource(
  paths: readonly string[],
  policy: KubeconfigPolicy,
  reader: KubeconfigReader,
): CredentialSource {
  /** By the name of the credential, as last read. */
  let contexts = new Map<string, { name: string; kubeconfig: string }>()
  /** A context keeps its instance's name while it is there, whatever comes beside it. */
  let ids = new Map<string, string>()
  let last: { files: KubeconfigFile[]; split: SplitContexts } | null = null
  /** What each file last said, by path: it counts while the file cannot be read, as with every credential. */
  const good = new Map<string, string>()

  const splitAnew = async (files: KubeconfigFile[]) => {
    if (last === null || !isDeepStrictEqual(last.files, files)) {
      last = { files, split: await splitFiles(files) }
    }
    return last.split
  }

  const splitFiles = async (files: KubeconfigFile[]): Promise<SplitContexts> => {
    const split = await reader.split(files)
    const bad = new Set(split.problems.map(({ path }) => path))
    for (const { path, text } of files) if (!bad.has(path)) good.set(path, text)
    if (!files.some(({ path }) => bad.has(path) && good.has(path))) return split
    const usable = files.map(({ path, text }) => ({
      path,
      text: bad.has(path) ? (good.get(path) ?? '') : text,
    }))
    return { contexts: (await reader.split(usable)).contexts, problems: split.problems }
  }

  return {
    async list() {
      const { files, unreadable } = await readFiles(paths, good)
      const split = await splitAnew(files)
      const problems = [
        ...unreadable,
        ...split.problems.map(
          ({ fix, path, reason }) => `The kubeconfig ${path}: ${reason} ${fix}`,
        ),
      ]
      if (problems.length > 0 && split.contexts.length === 0) {
        return { names: null, problem: problems.join(' ') }
      }
      ids = nameInstances(
        split.contexts.map(({ name }) => name),
        ids,
      )
      contexts = new Map(
        split.contexts.map((context) => [
          `${ids.get(context.name)!}${credentialExtension}`,
          context,
        ]),
      )
      const problem =
        problems.length > 0
          ? problems.join(' ')
          : contexts.size === 0
            ? `There is no context in ${paths.join(', ')}. Make one with "kubectl config", or set KUBECONFIG.`
            : null
      return { names: [...contexts.keys()].toSorted(), problem }
    },
    async read(name) {
      const context = contexts.get(name)
      return context ? { text: context.kubeconfig } : null
    },
    load: (text) => loadKubeconfig(text, { reader, policy, files: 'any' }),
    title: (name) => {
      const context = contexts.get(name)
      return context ? `context ${context.name}` : name
    },
    watch: () => ({ close: async () => {} }),
  }
}

/** As they are now, or as they last were where that cannot be read. */
async function readFiles(
  paths: readonly string[],
  good: Map<string, string>,
): Promise<{ files: KubeconfigFile[]; unreadable: string[] }> {
  const files: KubeconfigFile[] = []
  const unreadable: string[] = []
  for (const path of paths) {
    const text = await readText(path)
    // As for kubectl, a file that is not there is none.
    if (text === null) {
      good.delete(path)
      continue
    }
    if (typeof text !== 'string') {
      unreadable.push(`The kubeconfig ${path} cannot be read (${text.code}).`)
      const known = good.get(path)
      if (known !== undefined) files.push({ path, text: known })
      continue
    }
    files.push({ path, text })
  }
  return { files, unreadable }
}

/**
 * A DNS label for each context: its own name where that is one, else its letters and digits with hyphens between. Of
 * contexts that would share one, the others are numbered.
 */
export function nameInstances(
  names: readonly string[],
  known: ReadonlyMap<string, string>,
): Map<string, string> {
  const ids = new Map<string, string>()
  const taken = new Set<string>()
  const give = (name: string, id: string) => {
    ids.set(name, id)
    taken.add(id)
  }
  for (const name of names) {
    const id = known.get(name)
    if (id !== undefined) give(name, id)
  }
  const fresh = names.filter((name) => !ids.has(name))
  for (const name of fresh) {
    if (InstanceId.safeParse(name).success && !taken.has(name)) give(name, name)
  }
  for (const name of fresh.filter((each) => !ids.has(each)).toSorted()) {
    const base = toLabel(name)
    let id = base
    for (let number = 2; taken.has(id); number += 1) {
      const suffix = `-${number}`
      id = `${base.slice(0, labelLengthMax - suffix.length).replace(/-+$/, '')}${suffix}`
    }
    give(name, id)
  }
  return ids
}

function toLabel(name: string): string {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, labelLengthMax)
    .replace(/-+$/, '')
  return label === '' ? 'context' : label
}

/** Null where there is no such file. */
async function readText(path: string): Promise<string | null | { code: string }> {
  try {
    const { size, isFile } = await stat(path).then((found) => ({
      size: found.size,
      isFile: found.isFile(),
    }))
    if (!isFile) return { code: 'it is not a file' }
    if (size > kubeconfigBytesMax) return { code: 'it is larger than 1 MiB' }
    return decodeText(await readFile(path))
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? null : { code }
  }
}
