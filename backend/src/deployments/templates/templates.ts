import { TemplateInput, type Template } from '@hub/shared'
import type { Clock } from '#context'
import { keepRows, type Database } from '#db'
import type { Logger } from '#log'
import { selectTemplates, type TemplateRow } from './store.ts'

/** The templates that the configuration file has. */
export type ConfiguredTemplates = {
  list(): readonly TemplateInput[]
  modifiedAt(): Date
  /** The sentence for whoever wants to change what stands in the file. */
  describe(what: string): string
}

/** The templates, in memory. */
export type Templates = {
  /** Sorted by id; of two with one id the file's counts. Throws what the database says where memory may be old. */
  list(): Promise<Template[]>
  configured: ConfiguredTemplates | null
  follow(): () => void
}

export function createTemplates(deps: {
  db: Database
  log: Logger
  now: Clock
  configured: ConfiguredTemplates | null
}): Templates {
  const { configured, db, log, now } = deps
  const rows = keepRows({
    db,
    now,
    topic: 'template',
    read: selectTemplates,
    onFailure: (error) =>
      log.warn({ error }, 'the templates could not be read; they are read when asked for'),
  })
  return {
    configured,
    follow: rows.follow,
    async list() {
      const inFile = (configured?.list() ?? []).map((input) =>
        presentConfigured(input, configured!.modifiedAt()),
      )
      const ids = new Set(inFile.map(({ id }) => id))
      const others = (await rows.current()).filter(({ id }) => !ids.has(id)).flatMap(presentRow)
      return [...inFile, ...others].toSorted((a, b) => (a.id < b.id ? -1 : 1))
    },
  }
}

function presentConfigured(input: TemplateInput, modifiedAt: Date): Template {
  const { description = null, instanceIds = null, ...rest } = input
  return {
    ...rest,
    description,
    instanceIds,
    source: 'config',
    changedAt: modifiedAt.toISOString(),
    changedBy: null,
  }
}

/** None of a row that a later hub wrote in a way that this one does not know. */
function presentRow(row: TemplateRow): Template[] {
  const { changedAt, changedBy, description, id, instanceIds, open, spec, title } = row
  const read = TemplateInput.safeParse({ id, title, instanceIds, spec, open })
  if (!read.success) return []
  return [presentTemplate(read.data, { changedAt, changedBy, description })]
}

export function presentTemplate(
  input: TemplateInput,
  {
    changedAt,
    changedBy,
    description,
  }: Pick<TemplateRow, 'changedAt' | 'changedBy' | 'description'>,
): Template {
  return {
    ...input,
    description,
    instanceIds: input.instanceIds ?? null,
    source: 'manual',
    changedAt: changedAt.toISOString(),
    changedBy,
  }
}
