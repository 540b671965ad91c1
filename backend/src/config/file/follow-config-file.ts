import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { ConfigFileState } from '@hub/shared'
import type { Logger } from '#log'
import type { ConfigFileContent } from './content.ts'
import type { ReadFile } from './read-config-file.ts'

/** The file with what it holds, and when that was written. */
export type ReadConfigFile = {
  path: string
  content: ConfigFileContent
  modifiedAt: Date
  /** Paths of what was read with it. */
  keyFiles: readonly string[]
  /** It as it is by then. */
  read(): ReadFile
}

export type FollowedFile = {
  readonly path: string
  /** The last that was without a mistake. */
  content(): ConfigFileContent
  /** When that was written. */
  modifiedAt(): Date
  state(): ConfigFileState
  /** Sees whether the file is another, and takes it over if it is right. To be called again and again. */
  look(): Promise<void>
}

/**
 * Follows the file by looking: what a mounted ConfigMap swaps under it, what an editor writes anew and what is on a network
 * volume is seen alike. One that is being written is left until it is the same at two looks. With it go the files of its
 * providers' keys.
 */
export function followConfigFile(
  start: ReadConfigFile,
  { log, now, onChange }: { log: Logger; now: () => Date; onChange: () => void },
): FollowedFile {
  const { path } = start
  let { content, keyFiles, modifiedAt } = start
  let mistakes: readonly string[] = []
  let since = now()
  let seen: string | null = null
  let judged: string | null = null

  const describe = async () => {
    const signs = await Promise.all([path, ...keyFiles].map(describeFile))
    return signs.join('\n')
  }

  const take = (file: ReadFile) => {
    const told = file.ok ? [] : file.mistakes
    if (JSON.stringify(told) !== JSON.stringify(mistakes)) since = now()
    if (!file.ok) {
      if (JSON.stringify(told) !== JSON.stringify(mistakes)) {
        log.error(
          { path, mistakes: told },
          'the configuration file is wrong; the one before counts',
        )
      }
      mistakes = told
      return
    }
    if (mistakes.length > 0) log.info({ path }, 'the configuration file is right again')
    mistakes = []
    const isSame = file.content.sha256 === content.sha256
    if (isSame && isDeepStrictEqual(file.content.providers, content.providers)) return
    content = file.content
    if (isSame) {
      log.info({ path }, 'the key of a provider of the configuration file is another')
      return
    }
    modifiedAt = file.modifiedAt
    since = now()
    log.info(
      { path, groupMappings: content.mappings.length, grants: content.grants.length },
      'the configuration file is another',
    )
    onChange()
  }

  return {
    path,
    content: () => content,
    modifiedAt: () => modifiedAt,
    state: () => ({ path, mistakes: [...mistakes], since: since.toISOString() }),
    async look() {
      const sign = await describe()
      const isSteady = sign === seen
      seen = sign
      if (!isSteady || sign === judged) return
      const file = start.read()
      // What changed while it was read is read again.
      if ((await describe()) !== sign) return
      // What could not be read may be readable without being another.
      judged = file.ok || file.isRead ? sign : null
      // Where these are others, the sign is another at the next look: they are read once more, when they stand still.
      keyFiles = file.keyFiles
      take(file)
    },
  }
}

/** What is another wherever the file is; a link is followed to what it leads to now. */
async function describeFile(path: string): Promise<string> {
  try {
    const { ctimeNs, dev, ino, mode, mtimeNs, size } = await stat(path, { bigint: true })
    return [dev, ino, mode, size, mtimeNs, ctimeNs].join(' ')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
