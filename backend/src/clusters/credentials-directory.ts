import { createHash } from 'node:crypto'
import { InstanceId } from '@hub/shared'
import type { Clock } from '#context'
import {
  readLifetimes,
  type ClusterCredential,
  type ExecOptions,
  type ExecResult,
  type Lifetime,
  type LoadedKubeconfig,
  type Timing,
} from '#kube'
import type { Logger } from '#log'
import {
  credentialExtension,
  type CredentialSource,
  type MisnamedFile,
  type SourceWatch,
} from './credential-source.ts'
import { firstEnd } from './describe-expiry.ts'
import { createExecRuns, type ExecRun, type ExecRuns } from './exec-runs.ts'
import { createScans, type Scans } from './pace-scans.ts'
import { runLatest } from './run-latest.ts'

/** A file the hub did not take, for administrators. */
export type RejectedCredential = { file: string; reason: string; fix: string; since: string }

/** A file of the directory, for administrators; `rejection` may stand beside an older good version that serves. */
export type CredentialFile = {
  file: string
  /** Null where the file's name cannot name an instance. */
  instance: string | null
  rejection: { reason: string; fix: string } | null
  warnings: readonly string[]
  since: string
  expiresAt: Date | null
}

/** What serves; `namespace` is the one its context names. */
export type GoodCredential = {
  credential: ClusterCredential
  namespace: string | null
  warnings: readonly string[]
  lifetimes: readonly Lifetime[]
  isTokenRenewed: boolean
}

export type CredentialsDirectoryOptions = {
  source: CredentialSource
  /** What the programs of `exec` entries see of the environment. */
  execEnvironment: ExecOptions['environment']
  log: Logger
  now: Clock
  timing: Timing
  rescanMs: number
  /** When somebody last used what a file gave: such files are read first. */
  usedAt: (id: string) => number
  /** How many of them the hub has room for. */
  instancesMax: number
  /** A new or changed valid credential. */
  onCredential: (id: string, good: GoodCredential) => void
  /** What is there for it was not taken, and nothing was before. */
  onRefused: (id: string) => void
  onRemoved: (id: string) => void
}

/** Some editors delete a file before they write it anew: one that is gone is looked for once more. */
const confirmMissingMs = 500
/** Where the system cannot watch the directory, looking often is the next best. */
const unwatchedRescanMs = 2_000
const readsAtOnce = 16

type FileState = {
  /** Of the kubeconfig alone, as last judged; null where it must be judged again. */
  textHash: string | null
  /** Of the kubeconfig and the files it names, as last judged. */
  digest: string | null
  good: (GoodCredential & { fingerprint: string; since: string }) | null
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
  readonly #files = new Map<string, FileState>()
  /** By the name that it has. */
  #misnamed = new Map<string, RejectedCredential>()
  #problem: string | null = null
  #watch: SourceWatch | null = null
  #isWatching = true
  #stopped = false
  readonly #timers = new Set<unknown>()
  readonly #scans: Scans
  readonly #execRuns: ExecRuns
  /** A file that is asked for twice is not read twice at once, so that nothing older follows something newer. */
  readonly #readOne = runLatest((name) => this.#read(name))

  constructor(options: CredentialsDirectoryOptions) {
    this.#options = options
    this.#scans = createScans({
      scan: () => this.#readAll(),
      later: (ms, run) => this.#later(ms, run),
      now: options.timing.now,
      hasStopped: () => this.#stopped,
    })
    this.#execRuns = createExecRuns({
      environment: options.execEnvironment,
      onResult: (name, exec, result) => this.#takeResult(name, exec, result),
      later: (ms, run) => this.#later(ms, run),
      cancel: (timer) => this.#cancel(timer),
      now: options.now,
      log: options.log,
    })
  }

  /** Resolves when every file that is there was read; programs that give credentials may still run. */
  async start(): Promise<void> {
    this.#watch = this.#options.source.watch(this.#scans.soon, (error) => {
      if (this.#isWatching) {
        this.#options.log.warn(
          { error },
          'the credentials directory cannot be watched and is read every 2 s instead',
        )
      }
      this.#isWatching = false
    })
    await this.rescan()
    this.#rescanRegularly()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) this.#options.timing.clearTimeout(timer)
    this.#timers.clear()
    this.#execRuns.stopAll()
    await this.#watch?.close()
    await this.#scans.idle()
  }

  /** Every file that names a credential, or was meant to, by name. */
  files(): CredentialFile[] {
    const misnamed = [...this.#misnamed.values()].map(({ file, fix, reason, since }) => ({
      file,
      instance: null,
      rejection: { reason, fix },
      warnings: [],
      since,
      expiresAt: null,
    }))
    return [...this.#files.entries()]
      .map(([file, { good, rejection }]) => ({
        file: this.#options.source.title(file),
        instance: instanceOf(file),
        rejection: rejection ?? (good ? null : describeWaiting(this.#execRuns.find(file))),
        warnings: good?.warnings ?? [],
        since: rejection?.since ?? good?.since ?? this.#options.now().toISOString(),
        expiresAt: firstEnd(good?.lifetimes ?? []),
      }))
      .concat(misnamed)
      .toSorted((a, b) => (a.file < b.file ? -1 : 1))
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

  /**
   * The cluster refused the credential: runs its program again, or reads its file again before all others; and all of
   * them where that says nothing new.
   */
  async reload(id: string): Promise<void> {
    const name = `${id}${credentialExtension}`
    if (this.#execRuns.find(name)) return this.#execRuns.again(name)
    const before = this.#files.get(name)?.good
    await this.#readOne(name)
    if (this.#files.get(name)?.good === before) await this.rescan()
  }

  /** One scan at a time; a call during one makes another follow, and resolves with it. */
  rescan(): Promise<void> {
    return this.#scans.now()
  }

  #rescanRegularly(): void {
    const ms = this.#isWatching
      ? this.#options.rescanMs
      : Math.min(this.#options.rescanMs, unwatchedRescanMs)
    this.#later(ms, () => this.rescan().then(() => this.#rescanRegularly()))
  }

  #later(ms: number, run: () => unknown): unknown {
    if (this.#stopped) return null
    const timer = this.#options.timing.setTimeout(() => {
      this.#timers.delete(timer)
      void run()
    }, ms)
    this.#timers.add(timer)
    return timer
  }

  async #readAll(): Promise<void> {
    try {
      await this.#readEach()
    } catch (error) {
      this.#options.log.error({ error }, 'reading the credentials directory failed')
    }
  }

  async #readEach(): Promise<void> {
    const { misnamed = [], names, problem } = await this.#options.source.list()
    this.#setProblem(problem)
    if (names === null) return
    this.#setMisnamed(misnamed)
    const waiting = this.#inUseFirst(names).values()
    const readSome = async () => {
      for (const name of waiting) {
        if (this.#stopped) return
        await this.#readOne(name)
      }
    }
    // Where there is no room for all, who gets it is the same after each start: the first by name.
    const atOnce = names.length > this.#options.instancesMax ? 1 : readsAtOnce
    await Promise.all(Array.from({ length: atOnce }, readSome))
    const present = new Set(names)
    for (const [name, file] of this.#files) {
      if (!present.has(name)) this.#confirmMissing(name, file)
    }
  }

  #inUseFirst(names: readonly string[]): string[] {
    const usedAt = new Map(
      names.map((name) => [name, this.#options.usedAt(name.slice(0, -credentialExtension.length))]),
    )
    return names.toSorted((a, b) => usedAt.get(b)! - usedAt.get(a)!)
  }

  #setMisnamed(misnamed: readonly MisnamedFile[]): void {
    const known = this.#misnamed
    this.#misnamed = new Map(
      misnamed.map(({ file, fix, reason }) => [
        file,
        known.get(file) ?? { file, reason, fix, since: this.#options.now().toISOString() },
      ]),
    )
    for (const { file, fix, reason } of misnamed) {
      if (!known.has(file)) this.#options.log.warn({ file, reason, fix }, 'file not taken')
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
      this.#later(waitMs, () => this.rescan())
      return
    }
    this.#files.delete(name)
    this.#execRuns.stop(name)
    const id = instanceOf(name)
    if (id === null) return
    if (file.good !== null) this.#options.log.info({ instance: id }, 'credential removed')
    this.#options.onRemoved(id)
  }

  async #read(name: string): Promise<void> {
    const file = this.#files.get(name) ?? newFile()
    const content = await this.#options.source.read(name)
    if (content === null) return
    this.#files.set(name, file)
    file.missingSince = null
    const instance = instanceOf(name)
    if (instance === null) {
      return this.#reject(name, file, {
        reason: `"${name.slice(0, -credentialExtension.length)}" cannot be the name of an instance.`,
        fix: 'Rename the file: 1 to 63 lower-case letters, digits or hyphens, starting and ending with a letter or digit, then ".kubeconfig".',
      })
    }
    if ('fix' in content) {
      // What can be read again is judged again.
      file.textHash = null
      file.digest = null
      return this.#reject(name, file, content)
    }
    const hashOfText = hash(content.text)
    if (hashOfText === file.textHash) return
    const loaded = await this.#options.source.load(content.text, instance)
    if (this.#stopped) return
    // A kubeconfig that names files is judged at every scan: those change without it.
    file.textHash = loaded.namesFiles ? null : hashOfText
    if (loaded.digest === file.digest) return
    file.digest = loaded.digest
    this.#judge(name, file, loaded)
  }

  #judge(name: string, file: FileState, { digest, parsed }: LoadedKubeconfig): void {
    if (!parsed.ok) return this.#reject(name, file, parsed)
    this.#execRuns.stop(name)
    file.rejection = null
    if (parsed.exec === null) return this.#accept(name, file, parsed)
    const { credential, exec: plugin, namespace, warnings } = parsed
    this.#execRuns.start(name, { plugin, credential, namespace, warnings, digest })
  }

  #takeResult(name: string, exec: ExecRun, result: ExecResult): void {
    const file = this.#files.get(name)
    if (!file) return
    const isCurrent = file.digest === exec.digest
    if (isCurrent && result.ok) file.rejection = null
    if (isCurrent && !result.ok) this.#reject(name, file, result)
    if (result.ok) this.#accept(name, file, { ...exec, ...result, isTokenRenewed: true })
  }

  #accept(
    name: string,
    file: FileState,
    { credential, isTokenRenewed, namespace, warnings }: Omit<GoodCredential, 'lifetimes'>,
  ): void {
    const id = instanceOf(name)
    if (id === null) return
    const fingerprint = hash(JSON.stringify([credential, namespace, warnings]))
    // Back to what already serves, after something that could not.
    if (fingerprint === file.good?.fingerprint) return
    this.#options.log.info(
      { instance: id, warnings },
      file.good === null ? 'credential found' : 'credential replaced',
    )
    const lifetimes = readLifetimes(credential, file.good)
    const good = { credential, namespace, warnings, lifetimes, isTokenRenewed }
    file.good = { ...good, fingerprint, since: this.#options.now().toISOString() }
    this.#options.onCredential(id, good)
  }

  #cancel(timer: unknown): void {
    if (timer === null) return
    this.#options.timing.clearTimeout(timer)
    this.#timers.delete(timer)
  }

  #reject(name: string, file: FileState, { reason, fix }: { reason: string; fix: string }): void {
    if (file.rejection?.reason === reason) return
    const isFirst = file.rejection === null
    const title = this.#options.source.title(name)
    file.rejection = { file: title, reason, fix, since: this.#options.now().toISOString() }
    this.#options.log.warn(
      { file: title, reason, fix, lastGoodServes: file.good !== null },
      'credential rejected',
    )
    const id = instanceOf(name)
    if (id !== null && isFirst && file.good === null) this.#options.onRefused(id)
  }
}

function newFile(): FileState {
  return {
    textHash: null,
    digest: null,
    good: null,
    rejection: null,
    missingSince: null,
  }
}

function instanceOf(name: string): string | null {
  const parsed = InstanceId.safeParse(name.slice(0, -credentialExtension.length))
  return parsed.success ? parsed.data : null
}

function describeWaiting(exec: ExecRun | null): CredentialFile['rejection'] {
  return {
    reason: exec
      ? `The program ${exec.plugin.command} has not given a credential yet.`
      : 'The file has not been read yet.',
    fix: 'Wait half a minute.',
  }
}

function hash(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
