import { BusyError } from './busy-error.ts'
import { DeadlineError, type PostgresConnection } from './postgres-connection.ts'

export type PostgresPoolOptions = {
  open: () => Promise<PostgresConnection>
  size: number
  waitMs: number
  waitersMax: number
  lifetimeMs: number
}

export type PostgresPool = {
  /** Lends a connection to `use`. Throws BusyError where none is free in time. */
  lend<T>(use: (connection: PostgresConnection) => Promise<T>): Promise<T>
  close(): Promise<void>
}

type Waiter = {
  resolve: (connection: PostgresConnection) => void
  reject: (error: unknown) => void
}

/**
 * Lends up to `size` connections. What has failed is thrown away; where one was silent, so are all that were opened before:
 * the way to the server may be another by now.
 */
export function createPostgresPool(options: PostgresPoolOptions): PostgresPool {
  const idle = createIdleConnections()
  const waiters: Waiter[] = []
  const lent = new Set<PostgresConnection>()
  let opening = 0
  let closed = false
  let onceEmpty = () => {}

  const give = (connection: PostgresConnection) => {
    const waiter = waiters.shift()
    if (!waiter) return idle.keep(connection)
    lent.add(connection)
    waiter.resolve(connection)
  }

  /** One more connection for whoever has waited longest. */
  const openOne = async () => {
    opening += 1
    try {
      const connection = await options.open()
      opening -= 1
      if (closed) await connection.end()
      else give(connection)
    } catch (error) {
      opening -= 1
      // Where nobody has a connection, nobody who waits will get one.
      const left = lent.size === 0 && opening === 0 ? waiters.splice(0) : waiters.splice(0, 1)
      for (const { reject } of left) reject(error)
    }
    if (closed && opening === 0 && lent.size === 0) onceEmpty()
  }

  const serve = () => {
    while (waiters.length > 0) {
      const connection = idle.take()
      if (!connection) break
      give(connection)
    }
    for (let missing = waiters.length - opening; missing > 0; missing -= 1) {
      if (lent.size + opening >= options.size) return
      void openOne()
    }
  }

  const acquire = (): Promise<PostgresConnection> => {
    if (closed) return Promise.reject(new BusyError('the hub stops'))
    if (waiters.length >= options.waitersMax) {
      return Promise.reject(new BusyError('too many wait for a connection'))
    }
    const promise = waitInLine(waiters, options.waitMs)
    serve()
    return promise
  }

  const giveBack = (connection: PostgresConnection) => {
    lent.delete(connection)
    const isOld = performance.now() - connection.openedAt > options.lifetimeMs
    if (closed || isOld) void connection.end()
    else if (idle.isGood(connection)) give(connection)
    else connection.destroy()
    serve()
    if (closed && opening === 0 && lent.size === 0) onceEmpty()
  }

  return {
    async lend(use) {
      const connection = await acquire()
      try {
        return await use(connection)
      } catch (error) {
        if (isSilence(error)) idle.noteSilence()
        throw error
      } finally {
        giveBack(connection)
      }
    },
    async close() {
      closed = true
      for (const { reject } of waiters.splice(0)) reject(new BusyError('the hub stops'))
      await idle.endAll()
      if (opening === 0 && lent.size === 0) return
      await waitAtMost(5_000, (resolve) => (onceEmpty = resolve))
      for (const connection of lent) connection.destroy()
    },
  }
}

async function waitAtMost(ms: number, begin: (resolve: () => void) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  begin(resolve)
  await promise
  clearTimeout(timer)
}

/** What nobody has lent; what was opened before a silence is not lent any more. */
function createIdleConnections() {
  const idle: PostgresConnection[] = []
  let silentAt = Number.NEGATIVE_INFINITY
  const isGood = (connection: PostgresConnection) =>
    connection.isOpen() && connection.openedAt > silentAt
  return {
    isGood,
    keep: (connection: PostgresConnection) => void idle.push(connection),
    take(): PostgresConnection | null {
      for (let connection = idle.pop(); connection; connection = idle.pop()) {
        if (isGood(connection)) return connection
        connection.destroy()
      }
      return null
    },
    noteSilence: () => (silentAt = performance.now()),
    endAll: () => Promise.all(idle.splice(0).map((connection) => connection.end())),
  }
}

/** At the end of the line, and out of it when the time is over. */
function waitInLine(line: Waiter[], waitMs: number): Promise<PostgresConnection> {
  const { promise, reject, resolve } = Promise.withResolvers<PostgresConnection>()
  const waiter: Waiter = {
    resolve: (connection) => {
      clearTimeout(timer)
      resolve(connection)
    },
    reject: (error) => {
      clearTimeout(timer)
      reject(error)
    },
  }
  const timer = setTimeout(() => {
    line.splice(line.indexOf(waiter), 1)
    reject(new BusyError('no connection was free in time'))
  }, waitMs)
  line.push(waiter)
  return promise
}

function isSilence(error: unknown): boolean {
  if (error instanceof DeadlineError) return true
  return error instanceof Error && isSilence(error.cause)
}
