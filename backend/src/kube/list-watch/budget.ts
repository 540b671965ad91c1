import { ClusterError } from '../cluster-error.ts'
import { describeBytes } from '../transport/list-items.ts'

const mebibyte = 1024 * 1024

/**
 * What keeping up with one kind on one instance may cost, whatever the cluster answers. A cluster of 5,000 nodes and
 * 150,000 pods, of which a third holds accelerators, stays below a half of each: a list of its pods is 300 pages and
 * 2 GiB, of which 15 MiB are kept.
 */
export type Budget = {
  /** Of one list. */
  pagesMax: number
  /** Sent in one list, whether or not they are kept. */
  objectsListedMax: number
  bytesListedMax: number
  /** For a whole list, all pages. */
  listMsMax: number
  /** Changes that a watch tells within a minute. */
  changesPerMinuteMax: number
  changeBytesPerMinuteMax: number
  /** How long within a minute a watch may be held back because it tells too fast: then it is not followed any more. */
  heldBackMsMax: number
  /** What is kept of all of the kind. */
  objectsKeptMax: number
  bytesKeptMax: number
}

export const kindBudget: Budget = {
  pagesMax: 1_000,
  objectsListedMax: 500_000,
  bytesListedMax: 4096 * mebibyte,
  listMsMax: 600_000,
  changesPerMinuteMax: 60_000,
  changeBytesPerMinuteMax: 512 * mebibyte,
  heldBackMsMax: 30_000,
  objectsKeptMax: 100_000,
  bytesKeptMax: 32 * mebibyte,
}

/** What is kept of all kinds of one instance together. */
export const instanceBytesKeptMax = 64 * mebibyte

/**
 * How fast one instance is read, all kinds together, once the first was read: what is spent on it is bounded, and nobody
 * else's work waits.
 */
const instancePace = { bytesPerSecond: 16 * mebibyte, bytesAtOnce: 64 * mebibyte }

export type Pace = {
  add(bytes: number): void
  /** How long to wait so that what came so far did not come too fast; 0 mostly. */
  aheadMs(): number
}

export function createPace(now: () => number, options = instancePace): Pace {
  let allowance = options.bytesAtOnce
  let at = now()
  return {
    add: (bytes) => {
      const earned = ((now() - at) / 1000) * options.bytesPerSecond
      allowance = Math.min(options.bytesAtOnce, allowance + earned) - bytes
      at = now()
    },
    aheadMs: () => Math.max(0, (-allowance / options.bytesPerSecond) * 1000 - (now() - at)),
  }
}

export type Size = { objects: number; bytes: number }

/** Counts what several keep together, against one bound. */
export type Ledger = {
  /** A part of it, whose owner says how large it is; throws ClusterError `too-much` where that is over the bound. */
  open(): { set(size: Size): void; close(): void }
}

/** `parent` bounds several ledgers together. */
export function createLedger(
  limits: { objectsMax: number; bytesMax: number },
  parent?: Ledger,
): Ledger {
  let objects = 0
  let bytes = 0
  return {
    open: () => {
      const outer = parent?.open()
      let own: Size = { objects: 0, bytes: 0 }
      const move = (size: Size) => {
        objects += size.objects - own.objects
        bytes += size.bytes - own.bytes
        own = size
      }
      return {
        set: (size) => {
          move(size)
          if (objects > limits.objectsMax) {
            throw tooMuch(
              `has more than ${count(limits.objectsMax)} of them that the hub would keep`,
            )
          }
          if (bytes > limits.bytesMax) {
            throw tooMuch(
              `has more of them than the ${describeBytes(limits.bytesMax)} that the hub keeps`,
            )
          }
          outer?.set(size)
        },
        close: () => {
          move({ objects: 0, bytes: 0 })
          outer?.close()
        },
      }
    },
  }
}

/** Throws ClusterError `too-much` when a watch tells more within a minute than is followed. */
export function createRate(budget: Budget, now: () => number) {
  let since = now()
  let changes = 0
  let bytes = 0
  let heldBackMs = 0
  const check = () => {
    if (now() - since >= 60_000) {
      since = now()
      changes = 0
      bytes = 0
      heldBackMs = 0
    }
  }
  return {
    addChange: () => {
      check()
      changes += 1
      if (changes > budget.changesPerMinuteMax) {
        throw tooMuch(`changes them more than ${count(budget.changesPerMinuteMax)} times a minute`)
      }
    },
    addHeldBack: (ms: number) => {
      check()
      heldBackMs += ms
      if (heldBackMs > budget.heldBackMsMax) {
        throw tooMuch('changes them faster than the hub reads them')
      }
    },
    addBytes: (more: number) => {
      check()
      bytes += more
      if (bytes > budget.changeBytesPerMinuteMax) {
        throw tooMuch(
          `sends more than ${describeBytes(budget.changeBytesPerMinuteMax)} of changes a minute`,
        )
      }
    },
  }
}

/** Pages of one list, until it ends or is over its budget. */
export function createPageCount(budget: Budget, now: () => number) {
  const startedAt = now()
  const tokens = new Set<string>()
  let pages = 0
  let objects = 0
  let bytes = 0
  return {
    /** How long the next page may take. */
    leftMs: () => {
      const left = startedAt + budget.listMsMax - now()
      if (left > 0) return left
      throw tooMuch(`does not end a list of them within ${budget.listMsMax / 60_000} minutes`)
    },
    leftBytes: () => Math.max(1, budget.bytesListedMax - bytes),
    addItem: (itemBytes: number) => {
      objects += 1
      bytes += itemBytes
      if (objects > budget.objectsListedMax) {
        throw tooMuch(`lists more than ${count(budget.objectsListedMax)} of them`)
      }
    },
    /** `token` leads to the next page. */
    addPage: (token: string) => {
      pages += 1
      if (tokens.has(token)) throw tooMuch('lists them without end: the same page came twice')
      if (token.length > tokenLengthMax || pages >= budget.pagesMax) {
        throw tooMuch(`lists them in more than ${count(budget.pagesMax)} pages`)
      }
      tokens.add(token)
    },
  }
}

const tokenLengthMax = 16_384

function tooMuch(message: string): ClusterError {
  return new ClusterError('too-much', { message })
}

function count(value: number): string {
  return value.toLocaleString('en')
}
