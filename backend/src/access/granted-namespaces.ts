import type { Change, Database } from '#db'
import type { Logger } from '#log'
import type { Configured } from './configured.ts'
import { findGrantedNamespaces } from './store.ts'

/** Changes are gathered for so long: many sign in at once. Where reading takes long, for ten times as long. */
const gatheringMs = 250
const shareOfTime = 10
const rowsMax = 1_000

export type GrantedNamespaces = {
  /** The namespaces that grants and group mappings name on an instance: where people look. */
  on(instance: string): readonly string[]
  /** Reads what the database grants, now and whenever that changes. Returns what stops it. */
  follow(): Promise<() => void>
}

type Named = { instanceId: string | null; namespaces: readonly string[] | null }

export function createGrantedNamespaces(options: {
  configured: Configured
  db: Database
  log: Logger
  /** What is named is another since. */
  onChange: () => void
}): GrantedNamespaces {
  const { configured, db, log, onChange } = options
  const named = (): Named[] => [
    ...configured.grants().map(({ grant }) => grant),
    ...configured.mappings(),
  ]
  let granted: readonly Named[] = []
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  let reading: Promise<void> | null = null
  let isStale = false

  let tookMs = 0
  const waitMs = () => Math.max(gatheringMs, tookMs * shareOfTime)

  const read = async () => {
    const before = JSON.stringify(granted)
    const startedAt = performance.now()
    granted = await findGrantedNamespaces(db, rowsMax)
    tookMs = performance.now() - startedAt
    if (!stopped && JSON.stringify(granted) !== before) onChange()
  }
  const readAgain = () => {
    timer = null
    if (reading) {
      isStale = true
      return
    }
    reading = read()
      .catch((error: unknown) => {
        log.warn({ error }, 'which namespaces are granted could not be read')
      })
      .finally(() => {
        reading = null
        if (isStale && !stopped) timer = setTimeout(readAgain, waitMs())
        isStale = false
      })
  }
  const hear = ({ topic }: Change) => {
    if (stopped || !concerning.has(topic)) return
    timer ??= setTimeout(readAgain, waitMs())
  }

  return {
    on: (instance) => [
      ...new Set(
        [...named(), ...granted].flatMap(({ instanceId, namespaces }) =>
          instanceId === null || instanceId === instance ? (namespaces ?? []) : [],
        ),
      ),
    ],
    follow: async () => {
      const unsubscribe = db.onChange(hear)
      await read().catch((error: unknown) => {
        log.warn({ error }, 'which namespaces are granted could not be read')
      })
      return () => {
        stopped = true
        unsubscribe()
        if (timer) clearTimeout(timer)
      }
    },
  }
}

const concerning: ReadonlySet<Change['topic']> = new Set(['grants', 'service-principal', 'all'])
