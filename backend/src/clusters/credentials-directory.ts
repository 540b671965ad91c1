import { createHash } from 'node:crypto'
import { InstanceId } from '@hub/shared'
import type { Clock } from '#context'
import {
  readLifetimes,
  runExecPlugin,
  type ClusterCredential,
  type ExecOptions,
  type ExecPlugin,
  type Lifetime,
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
  /** A new or changed valid credential. */
  onCredential: (id: string, good: GoodCredential) => void
  onRemoved: (id: string) => void
}

const debounceMs = 50
/** Some editors delete a file before they write it anew: one that is gone is looked for once more. */
const confirmMissingMs = 500
/** Where the system cannot watch the directory, looking often is the next best. */
const unwatchedRescanMs = 2_000
const readsAtOnce = 16
/** After a program failed, and the least time between two runs of one. */
const execRetryMs = 30_000
/** A credential of a program is made anew when this part of its life has passed. */
const execRenewAt = 0.8
const timerMsMax = 2 ** 31 - 1

type FileState = {
  /** Of the kubeconfig alone, as last judged; null where it must be judged again. */
  textHash: string | null
  /** Of the kubeconfig and the files it names, as last judged. */
  digest: string | null
  good: (GoodCredential & { fingerprint: string; since: string }) | null
  rejection: RejectedCredential | null
  /** When it was first not found; null while it is there. */
  missingSince: number | null
  exec: ExecRun | null
}

/** One kubeconfig's program: it runs beside the scans, so that a slow one delays no other file. */
type ExecRun = {
  plugin: ExecPlugin
  credential: ClusterCredential
  namespace: string | null
  warnings: readonly string[]
  /** Of the kubeconfig it stands in: a newer one may have been rejected meanwhile. */
  digest: string
  stop: AbortController
  run: Promise<void> | null
  timer: unknown
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
  #scan: Promise<void> | null = null
  #scanAgain = false
  #isScanDue = false
  readonly #timers = new Set<unknown>()

  constructor(options: CredentialsDirectoryOptions) {
    this.#options = options
  }

  /** Resolves when every file that is there was read; programs that give credentials may still run. */
  async start(): Promise<void> {
    const onEvent = () => {
      // Hundreds of files written at once are one scan, not hundreds.
      if (this.#isScanDue) return
      this.#isScanDue = true
      this.#later(debounceMs, () => {
        this.#isScanDue = false
        return this.rescan()
      })
    }
    this.#watch = this.#options.source.watch(onEvent, (error) => {
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
    for (const file of this.#files.values()) this.#stopExec(file)
    await this.#watch?.close()
    await this.#scan
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
      .map(([file, { exec, good, rejection }]) => ({
        file: this.#options.source.title(file),
        instance: instanceOf(file),
        rejection: rejection ?? (good ? null : describeWaiting(exec)),
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

  /** The cluster refused the credential: reads the files it came from again, or runs its program again. */
  reload(id: string): Promise<void> {
    const exec = this.#files.get(`${id}${credentialExtension}`)?.exec
    return exec ? this.#runExec(`${id}${credentialExtension}`, exec) : this.rescan()
  }

  #rescanRegularly(): void {
    const ms = this.#isWatching
      ? this.#options.rescanMs
      : Math.min(this.#options.rescanMs, unwatchedRescanMs)
    this.#later(ms, () => this.rescan().then(() => this.#rescanRegularly()))
  }

  #later(ms: number, run: () => Promise<void> | void): unknown {
    if (this.#stopped) return null
    const timer = this.#options.timing.setTimeout(() => {
      this.#timers.delete(timer)
      void run()
    }, ms)
    this.#timers.add(timer)
    return timer
  }

  /** One scan at a time; a call during one makes another follow, and resolves with it. */
  rescan(): Promise<void> {
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
    const { misnamed = [], names, problem } = await this.#options.source.list()
    this.#setProblem(problem)
    if (names === null) return
    this.#setMisnamed(misnamed)
    const waiting = names.values()
    const readSome = async () => {
      for (const name of waiting) {
        if (this.#stopped) return
        await this.#readOne(name)
      }
    }
    await Promise.all(Array.from({ length: readsAtOnce }, readSome))
    const present = new Set(names)
    for (const [name, file] of this.#files) {
      if (!present.has(name)) this.#confirmMissing(name, file)
    }
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
    this.#stopExec(file)
    const id = instanceOf(name)
    if (file.good === null || id === null) return
    this.#options.log.info({ instance: id }, 'credential removed')
    this.#options.onRemoved(id)
  }

  async #readOne(name: string): Promise<void> {
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
    // A kubeconfig that names files is judged at every scan: those change without it.
    file.textHash = loaded.namesFiles ? null : hashOfText
    if (loaded.digest === file.digest) return
    file.digest = loaded.digest
    const { parsed } = loaded
    if (!parsed.ok) return this.#reject(name, file, parsed)
    this.#stopExec(file)
    file.rejection = null
    if (parsed.exec === null) return this.#accept(name, file, parsed)
    file.exec = {
      plugin: parsed.exec,
      credential: parsed.credential,
      namespace: parsed.namespace,
      warnings: parsed.warnings,
      digest: loaded.digest,
      stop: new AbortController(),
      run: null,
      timer: null,
    }
    void this.#runExec(name, file.exec)
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
    const lifetimes = readLifetimes(credential)
    const good = { credential, namespace, warnings, lifetimes, isTokenRenewed }
    file.good = { ...good, fingerprint, since: this.#options.now().toISOString() }
    this.#options.onCredential(id, good)
  }

  /** Runs the program now, and again before what it gave ends. */
  async #runExec(name: string, exec: ExecRun): Promise<void> {
    if (exec.run || exec.stop.signal.aborted) return exec.run ?? undefined
    this.#cancel(exec.timer)
    const run = async () => {
      const startedAt = this.#options.now().getTime()
      const result = await runExecPlugin(exec.plugin, exec.credential, {
        environment: this.#options.execEnvironment,
        signal: exec.stop.signal,
      })
      exec.run = null
      const file = this.#files.get(name)
      if (file?.exec !== exec || exec.stop.signal.aborted) return
      const isCurrent = file.digest === exec.digest
      if (isCurrent && result.ok) file.rejection = null
      if (isCurrent && !result.ok) this.#reject(name, file, result)
      if (result.ok) this.#accept(name, file, { ...exec, ...result, isTokenRenewed: true })
      const expiresAt = result.ok ? result.expiresAt : new Date(0)
      if (expiresAt === null) return
      const lifeMs = (expiresAt.getTime() - startedAt) * execRenewAt
      const waitMs = Math.min(Math.max(lifeMs, execRetryMs), timerMsMax)
      exec.timer = this.#later(waitMs, () => this.#runExec(name, exec))
    }
    exec.run = run().catch((error: unknown) => {
      exec.run = null
      this.#options.log.error({ error, file: name }, 'running an exec plugin failed')
    })
    return exec.run
  }

  #stopExec(file: FileState): void {
    if (!file.exec) return
    this.#cancel(file.exec.timer)
    file.exec.stop.abort()
    file.exec = null
  }

  #cancel(timer: unknown): void {
    if (timer === null) return
    this.#options.timing.clearTimeout(timer)
    this.#timers.delete(timer)
  }

  #reject(name: string, file: FileState, { reason, fix }: { reason: string; fix: string }): void {
    if (file.rejection?.reason === reason) return
    const title = this.#options.source.title(name)
    file.rejection = { file: title, reason, fix, since: this.#options.now().toISOString() }
    this.#options.log.warn(
      { file: title, reason, fix, lastGoodServes: file.good !== null },
      'credential rejected',
    )
  }
}

function newFile(): FileState {
  return {
    textHash: null,
    digest: null,
    good: null,
    rejection: null,
    missingSince: null,
    exec: null,
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
