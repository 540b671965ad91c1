import type { ReadCertificates } from './client-certificate.ts'
import type { KubeconfigPolicy, ReadReferencedFile } from './kubeconfig-policy.ts'
import { parseKubeconfig, type ParsedKubeconfig } from './parse-kubeconfig.ts'
import { Refusal } from './refusal.ts'
import { splitContexts, type KubeconfigFile, type SplitContexts } from './split-contexts.ts'

/** The content of a file that a kubeconfig names, or why it is not read. */
export type FileContent = { text: string } | { reason: string; fix: string }

export type ParseJob = {
  type: 'parse'
  text: string
  policy: KubeconfigPolicy
  /** By the path that the kubeconfig writes. */
  files: ReadonlyMap<string, FileContent>
}

export type SplitJob = { type: 'split'; files: readonly KubeconfigFile[] }

/** The parser came to a file that was not given. */
export type NeededFile = { needed: { path: string; field: string } }

/** What is done with text that others wrote, here or in a thread; only plain values go in and out. */
export function runKubeconfigJob(
  job: ParseJob,
  certificates?: ReadCertificates,
): ParsedKubeconfig | NeededFile
export function runKubeconfigJob(job: SplitJob): SplitContexts
export function runKubeconfigJob(job: ParseJob | SplitJob): unknown
export function runKubeconfigJob(job: ParseJob | SplitJob, certificates?: ReadCertificates) {
  if (job.type === 'split') return splitContexts(job.files)
  const readFile: ReadReferencedFile = (path, field) => {
    const content = job.files.get(path)
    if (content === undefined) throw new Needed(path, field)
    if ('reason' in content) throw new Refusal(content.reason, content.fix)
    return content.text
  }
  try {
    return parseKubeconfig(job.text, job.policy, readFile, certificates)
  } catch (error) {
    if (!(error instanceof Needed)) throw error
    return { needed: { path: error.path, field: error.field } }
  }
}

class Needed extends Error {
  readonly path: string
  readonly field: string

  constructor(path: string, field: string) {
    super('a file is needed')
    this.path = path
    this.field = field
  }
}
