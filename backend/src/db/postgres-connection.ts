import { Socket } from 'node:net'
import { drizzle } from 'drizzle-orm/pg-proxy'
import postgres from 'postgres'
import type { PostgresServer } from '#config'
import { DialError, dialPostgres } from './dial-postgres.ts'
import { usualPatience } from './patience.ts'

/** One session. It is never opened again: what has failed once is thrown away. */
export type PostgresConnection = {
  /** The server's process that serves it, as the server said at the beginning: behind a pooler another one. */
  readonly announcedPid: number
  readonly openedAt: number
  isOpen(): boolean
  /** Rejects with the code DEADLINE, and destroys the connection, where no answer comes in time. */
  run: RunStatement
  queries: PostgresQueries
  destroy(): void
  end(): Promise<void>
}

/** `values`: each row as a list, in the order of its columns. */
export type RunStatement = (
  text: string,
  params?: readonly unknown[],
  mode?: 'values' | 'objects',
) => Promise<unknown[]>

type PostgresQueries = ReturnType<typeof createPostgresQueries>

/** The server did not answer in time; whether it did what it was asked to is not known. */
export class DeadlineError extends Error {
  readonly code = 'DEADLINE'

  constructor() {
    super('the server did not answer in time')
  }
}

export type ConnectionOptions = {
  /** Settings of the session, over those of the address. */
  settings?: Readonly<Record<string, string>>
  /** How long an answer may take. */
  deadlineMs: number
  /** How long opening it may take, over all hosts. */
  connectMs?: number
  onNotice?: () => void
  onClose?: () => void
}

/** Which of several hosts served last: that one is asked first. */
const lastServing = new WeakMap<PostgresServer, number>()

/** Tries the hosts one after the other. Throws what the last one failed with. */
export async function openConnection(
  server: PostgresServer,
  options: ConnectionOptions,
): Promise<PostgresConnection> {
  const { hosts } = server
  const { connectMs = usualPatience.connectMs } = options
  const timeoutMs = Math.min(
    server.connectTimeoutSeconds * 1_000,
    Math.floor(connectMs / hosts.length),
  )
  const first = server.isBalanced
    ? Math.floor(Math.random() * hosts.length)
    : (lastServing.get(server) ?? 0)
  let failure: unknown
  for (let turn = 0; turn < hosts.length; turn += 1) {
    const index = (first + turn) % hosts.length
    try {
      const connection = await openSession(server, index, timeoutMs, options)
      lastServing.set(server, index)
      return connection
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function openSession(
  server: PostgresServer,
  index: number,
  timeoutMs: number,
  { deadlineMs, onClose, onNotice, settings }: ConnectionOptions,
): Promise<PostgresConnection> {
  const host = server.hosts[index]!
  const startedAt = performance.now()
  const socket = await dialPostgres(server, host, timeoutMs)
  let isOpen = true
  let dialled: Socket | null = socket
  const markClosed = () => {
    if (!isOpen) return
    isOpen = false
    onClose?.()
  }
  socket.once('close', markClosed)
  const client = postgres({
    ...explicitOptions(server, { ...server.settings, ...settings }),
    // The driver would open another one by itself; it is given one that is closed.
    socket: () => {
      const given = dialled ?? closedSocket()
      dialled = null
      return given
    },
    onnotify: () => onNotice?.(),
  } as unknown as Parameters<typeof postgres>[0])
  // As drizzle has them: columns read and write times themselves, and JSON.
  const { parsers, serializers } = client.options as unknown as Record<
    'parsers' | 'serializers',
    Record<number, (value: unknown) => unknown>
  >
  for (const type of timeTypes) parsers[type] = serializers[type] = (value) => value
  for (const type of jsonTypes) serializers[type] = (value) => value

  const destroy = () => {
    markClosed()
    socket.destroy()
    void client.end({ timeout: 0 }).catch(() => undefined)
  }
  const runWithin = async (ms: number, statement: Promise<unknown>): Promise<unknown[]> => {
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new DeadlineError())
        destroy()
      }, ms)
    })
    try {
      return (await Promise.race([statement, silence])) as unknown[]
    } finally {
      clearTimeout(timer)
    }
  }
  const send = (text: string, params: readonly unknown[] = [], mode = 'objects') => {
    const statement = client.unsafe(text, [...params] as never[], { prepare: false })
    return mode === 'values' ? statement.values() : statement
  }
  const run: RunStatement = async (text, params, mode) => {
    if (!isOpen) throw new DialError('CONNECTION_CLOSED', 'the connection was closed')
    return runWithin(deadlineMs, send(text, params, mode))
  }

  try {
    const leftMs = Math.max(timeoutMs - (performance.now() - startedAt), 1)
    const hello = send(
      "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS refuses",
    )
    const [state] = (await runWithin(leftMs, hello)) as [{ refuses: boolean }]
    if (server.mustTakeWrites && state.refuses) {
      throw new DialError('READ_ONLY', `${host.name}:${host.port} takes no writes`)
    }
    const { state: backend } = (await hello) as { state: { pid: number } }
    return {
      announcedPid: backend.pid,
      openedAt: performance.now(),
      isOpen: () => isOpen,
      run,
      queries: createPostgresQueries(run),
      destroy,
      end: async () => {
        await client.end({ timeout: 1 }).catch(() => undefined)
        destroy()
      },
    }
  } catch (error) {
    destroy()
    throw error
  }
}

/** Drizzle's builder over whatever runs its statements. */
export function createPostgresQueries(run: RunStatement) {
  return drizzle(async (text, params, method) => ({
    rows: await run(text, params, method === 'all' ? 'values' : 'objects'),
  }))
}

const timeTypes = [1184, 1082, 1083, 1114, 1182, 1185, 1115, 1231]
const jsonTypes = [114, 3802]

/** All that the driver would else take from its environment. */
function explicitOptions(server: PostgresServer, settings: Readonly<Record<string, string>>) {
  const { applicationName, database, hosts, password, user } = server
  return {
    host: hosts[0].name.startsWith('/') ? 'localhost' : hosts[0].name,
    port: hosts[0].port,
    user,
    pass: password,
    database,
    // The socket is secured already.
    ssl: false,
    sslnegotiation: null,
    max: 1,
    // Poolers give every transaction another session, which has not prepared it.
    prepare: false,
    fetch_types: false,
    no_subscribe: true,
    publications: '',
    idle_timeout: null,
    max_lifetime: null,
    max_pipeline: 100,
    backoff: false,
    debug: false,
    connect_timeout: 0,
    keep_alive: 0,
    onnotice: () => undefined,
    // How the driver and drizzle read times; every pooler passes it on.
    connection: { application_name: applicationName, ...settings, DateStyle: 'ISO' },
  }
}

/** The driver takes a failure from a socket alone, and waits for ever where there is none. */
function closedSocket(): Socket {
  const socket = new Socket()
  setImmediate(() =>
    socket.destroy(new DialError('CONNECTION_CLOSED', 'the connection was closed')),
  )
  return socket
}
