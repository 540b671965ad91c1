import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InstanceId } from '@hub/shared'
import { watch, type FSWatcher } from 'chokidar'
import type { Clock } from '#context'
import {
  kubeconfigBytesMax,
  parseKubeconfig,
  type ClusterCredential,
  type KubeconfigPolicy,
  type Timing,
} from '#kube'
import type { Logger } from '#log'

/** A file the hub did not take, for administrators. */
export type RejectedCredential = { file: string; reason: string; fix: string; since: string }

export type CredentialsDirectoryOptions = {
  directory: string
  policy: KubeconfigPolicy
  log: Logger
  now: Clock
  timing: Timing
  rescanMs: number
  /** A new or changed valid credential. */
  onCredential: (id: string, credential: ClusterCredential, warnings: string[]) => void
  onRemoved: (id: string) => void
}

const extension = '.kubeconfig'
const debounceMs = 50
/** Some editors delete a file before they write it anew: one that is gone is looked for once more. */
const confirmMissingMs = 500
/** Where the system cannot watch the directory, looking often is the next best. */
const unwatchedRescanMs = 2_000

type FileState = {
  /** Of the content that serves. */
  goodHash: string | null
  /** Of the content last judged, good or not. */
  seenHash: string | null
  rejection: RejectedCredential | null
  /** When it was first not found; null while it is there. */
  missingSince: number | null
}

/**
 * Owns the watch on the directory of `<instance>.kubeconfig` files and reports each credential that may serve. A file
 * that cannot be used never takes back the good one before it; only its removal does.
 */
export class CredentialsDirectory {
  readonly #options: CredentialsDirectoryOptions
  readonly #directory: string
  readonly #files = new Map<string, FileState>()
  #problem: string | null = null
  #watcher: FSWatcher | null = null
  #isWatching = true
  #stopped = false
  #scan: Promise<void> | null = null
  #scanAgain = false
  readonly #timers = new Set<unknown>()

  constructor(options: CredentialsDirectoryOptions) {
    this.#options = options
    this.#directory = resolve(options.directory)
  }

  /** Resolves when every file that is there was read. */
  async start(): Promise<void> {
    this.#watcher = watch(this.#directory, {
      ignoreInitial: true,
      // `..data/` of a mounted secret is one level down.
      depth: 1,
      usePolling: false,
    })
    const onEvent = () => this.#later(debounceMs, () => this.#rescan())
    this.#watcher
      .on('all', onEvent)
      .on('raw', onEvent)
      // What was written while the watch was being set up is told by no event.
      .on('ready', onEvent)
      .on('error', (error) => {
        if (this.#isWatching) {
          this.#options.log.warn(
            { error },
            'the credentials directory cannot be watched and is read every 2 s instead',
          )
        }
        this.#isWatching = false
      })
    await this.#rescan()
    this.#rescanRegularly()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) this.#options.timing.clearTimeout(timer)
    this.#timers.clear()
    await this.#watcher?.close()
    await this.#scan
  }

  rejected(): RejectedCredential[] {
    return [...this.#files.values()]
      .flatMap(({ rejection }) => rejection ?? [])
      .toSorted((a, b) => (a.file < b.file ? -1 : 1))
  }

  /** Why the directory itself cannot be read, as a sentence; null when it can. */
  problem(): string | null {
    return this.#problem
  }

  #rescanRegularly(): void {
    const ms = this.#isWatching
      ? this.#options.rescanMs
      : Math.min(this.#options.rescanMs, unwatchedRescanMs)
    this.#later(ms, () => this.#rescan().then(() => this.#rescanRegularly()))
  }

  #later(ms: number, run: () => Promise<void>): void {
    if (this.#stopped) return
    const timer = this.#options.timing.setTimeout(() => {
      this.#timers.delete(timer)
      void run()
    }, ms)
    this.#timers.add(timer)
  }

  /** One scan at a time; a call during one makes another follow, and resolves with it. */
  #rescan(): Promise<void> {
    if (this.#scan) {
      this.#scanAgain = true
      return this.#scan
    }
    const run = async () => {
      do {
        this.#scanAgain = false
        await this.#readAll()
      } while (this.#scanAgain && !this.#stopped)
    }
    this.#scan = run()
      .catch((error: unknown) => {
        this.#options.log.error({ error }, 'reading the credentials directory failed')
      })
      .finally(() => {
        this.#scan = null
      })
    return this.#scan
  }

  async #readAll(): Promise<void> {
    const names = await this.#listFiles()
    if (names === null) return
    for (const name of names) {
      if (this.#stopped) return
      await this.#readOne(name)
    }
    const present = new Set(names)
    for (const [name, file] of this.#files) {
      if (!present.has(name)) this.#confirmMissing(name, file)
    }
  }

  /** Null where the directory is there but cannot be read: nothing is concluded from that. */
  async #listFiles(): Promise<string[] | null> {
    try {
      const names = await readdir(this.#directory)
      this.#setProblem(null)
      return names.filter((name) => name.endsWith(extension) && !name.startsWith('.')).toSorted()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') {
        this.#setProblem(
          `The credentials directory ${this.#directory} does not exist. Create it, or correct CREDENTIALS_PATH.`,
        )
        return []
      }
      this.#setProblem(
        `The credentials directory ${this.#directory} cannot be read (${code}). Correct its permissions, or CREDENTIALS_PATH.`,
      )
      return null
    }
  }

  #setProblem(problem: string | null): void {
    if (problem === this.#problem) return
    this.#problem = problem
    if (problem !== null) this.#options.log.warn(problem)
  }

  #confirmMissing(name: string, file: FileState): void {
    const now = this.#options.timing.now()
    file.missingSince ??= now
    const waitMs = file.missingSince + confirmMissingMs - now
    if (waitMs > 0) {
      this.#later(waitMs, () => this.#rescan())
      return
    }
    this.#files.delete(name)
    if (file.goodHash === null) return
    const id = name.slice(0, -extension.length)
    this.#options.log.info({ instance: id }, 'credential removed')
    this.#options.onRemoved(id)
  }

  async #readOne(name: string): Promise<void> {
    const file = this.#files.get(name) ?? newFile()
    const content = await readContent(join(this.#directory, name))
    if (content === null) return
    this.#files.set(name, file)
    file.missingSince = null
    const id = name.slice(0, -extension.length)
    if (!InstanceId.safeParse(id).success) {
      return this.#reject(name, file, {
        reason: `"${id}" cannot be the name of an instance.`,
        fix: 'Rename the file: 1 to 63 lower-case letters, digits or hyphens, starting and ending with a letter or digit, then ".kubeconfig".',
      })
    }
    if ('fix' in content) {
      // What can be read again is judged again.
      file.seenHash = null
      return this.#reject(name, file, content)
    }
    if (content.hash === file.seenHash) return
    const parsed = parseKubeconfig(content.text, this.#options.policy)
    file.seenHash = content.hash
    if (!parsed.ok) return this.#reject(name, file, parsed)
    file.rejection = null
    // Back to what already serves, after something that could not.
    if (content.hash === file.goodHash) return
    this.#options.log.info(
      { instance: id, warnings: parsed.warnings },
      file.goodHash === null ? 'credential found' : 'credential replaced',
    )
    file.goodHash = content.hash
    this.#options.onCredential(id, parsed.credential, parsed.warnings)
  }

  #reject(name: string, file: FileState, { reason, fix }: { reason: string; fix: string }): void {
    if (file.rejection?.reason === reason) return
    file.rejection = { file: name, reason, fix, since: this.#options.now().toISOString() }
    this.#options.log.warn(
      { file: name, reason, fix, lastGoodServes: file.goodHash !== null },
      'credential rejected',
    )
  }
}

function newFile(): FileState {
  return { goodHash: null, seenHash: null, rejection: null, missingSince: null }
}

type Content = { text: string; hash: string }

const unreadable = {
  reason: 'The file cannot be read.',
  fix: "Make it a regular file, or a link to one, that the hub's user may read.",
}

const tooLarge = {
  reason: 'The file is larger than 1 MiB.',
  fix: 'Remove what does not belong to this instance.',
}

/** Null where the file is gone since it was listed. */
async function readContent(
  path: string,
): Promise<Content | { reason: string; fix: string } | null> {
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stat = await file.stat()
      if (!stat.isFile()) return unreadable
      if (stat.size > kubeconfigBytesMax) return tooLarge
      const bytes = await file.readFile()
      return {
        text: bytes.toString('utf8'),
        hash: createHash('sha256').update(bytes).digest('hex'),
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && (await isGone(path))) return null
    return unreadable
  }
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
