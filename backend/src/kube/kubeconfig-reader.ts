import { Worker } from 'node:worker_threads'
import { rememberCertificates } from './client-certificate.ts'
import {
  runKubeconfigJob,
  type FileContent,
  type NeededFile,
  type ParseJob,
  type SplitJob,
} from './kubeconfig-job.ts'
import type { KubeconfigPolicy } from './kubeconfig-policy.ts'
import type { ParsedKubeconfig } from './parse-kubeconfig.ts'
import { Refusal } from './refusal.ts'
import type { KubeconfigFile, SplitContexts } from './split-contexts.ts'

/** Parses kubeconfigs without ever holding up what else the process does. */
export type KubeconfigReader = {
  parse(
    text: string,
    policy: KubeconfigPolicy,
    files: ReadonlyMap<string, FileContent>,
  ): Promise<ParsedKubeconfig | NeededFile>
  split(files: readonly KubeconfigFile[]): Promise<SplitContexts>
}

export type KubeconfigReaderOptions = {
  /** Of one file in its thread. */
  deadlineMs?: number
  /** Characters up to which a file is parsed at once: most are a third of it, and take a few milliseconds. */
  inlineLengthMax?: number
}

/**
 * A large file is parsed in a thread of its own, one after the other, and is refused if that takes longer than the deadline
 * or more than 128 MiB: whatever shape it has costs a core for that long, and nobody's request waits.
 */
export function createKubeconfigReader(options: KubeconfigReaderOptions = {}): KubeconfigReader {
  const { deadlineMs = 10_000, inlineLengthMax = 12 * 1024 } = options
  const certificates = rememberCertificates()
  let last: Promise<unknown> = Promise.resolve()
  const inThread = (job: ParseJob | SplitJob): Promise<unknown> => {
    const next = last.then(() => runInThread(job, deadlineMs))
    last = next.catch(() => undefined)
    return next
  }
  const split = async (files: readonly KubeconfigFile[]): Promise<SplitContexts> => {
    const job: SplitJob = { type: 'split', files }
    if (lengthOf(job) <= inlineLengthMax) return runKubeconfigJob(job)
    try {
      return (await inThread(job)) as SplitContexts
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const largest = files.toSorted((a, b) => b.text.length - a.text.length)[0]!
      const { contexts, problems } = await split(files.filter((file) => file !== largest))
      const problem = { path: largest.path, reason: error.message, fix: error.fix }
      return { contexts, problems: [problem, ...problems] }
    }
  }
  return {
    parse: async (text, policy, files) => {
      const job: ParseJob = { type: 'parse', text, policy, files }
      if (lengthOf(job) <= inlineLengthMax) return runKubeconfigJob(job, certificates)
      try {
        return (await inThread(job)) as ParsedKubeconfig | NeededFile
      } catch (error) {
        if (error instanceof Refusal) return { ok: false, reason: error.message, fix: error.fix }
        throw error
      }
    },
    split,
  }
}

function lengthOf(job: ParseJob | SplitJob): number {
  if (job.type === 'split') return job.files.reduce((sum, { text }) => sum + text.length, 0)
  const files = [...job.files.values()].map((file) => ('text' in file ? file.text.length : 0))
  return files.reduce((sum, length) => sum + length, job.text.length)
}

/** Rejects with Refusal where the thread does not come to an end. */
async function runInThread(job: ParseJob | SplitJob, deadlineMs: number): Promise<unknown> {
  const worker = new Worker(new URL('./kubeconfig-thread.ts', import.meta.url), {
    workerData: job,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  })
  const deadline = setTimeout(() => void worker.terminate(), deadlineMs)
  const tooMuch = new Refusal(
    'The file takes too long to read.',
    'Keep this instance\'s context alone, as "kubectl config view --minify --flatten --raw" writes it.',
  )
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch : error),
      )
      worker.once('exit', () => reject(tooMuch))
    })
  } finally {
    clearTimeout(deadline)
    void worker.terminate()
  }
}
