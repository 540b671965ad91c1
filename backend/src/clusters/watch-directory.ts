import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { watch, type FSWatcher } from 'chokidar'
import type { SourceWatch } from './credential-source.ts'

/** What a mounted secret's files link through: replacing it replaces them all. Its other `..` names are preparation. */
const mountedLink = '..data'

/** How often the path is asked which folder it leads to: of another one in its place the system tells nothing. */
const lookMs = 1_000

/** Watches whatever folder is at this path: also one that is made anew, put in the other's place, or that a link leads to now. */
export function watchDirectory(
  directory: string,
  { onError, onEvent }: { onEvent: () => void; onError: (error: unknown) => void },
): SourceWatch {
  let watched: string | null = null
  let watcher: FSWatcher | null = null
  let timer: NodeJS.Timeout | null = null
  let isClosed = false

  const look = async () => {
    const there = await findIdentity(directory)
    if (isClosed) return
    timer = setTimeout(look, lookMs).unref()
    if (there === watched) return
    void watcher?.close()
    watched = there
    watcher = there === null ? null : open()
  }
  const open = () =>
    watch(directory, {
      ignoreInitial: true,
      usePolling: false,
      // What happens to a file here is told by the folder; the folders of a mounted secret change with their link.
      ignored: (each) => resolve(each) !== directory,
    })
      .on('all', onEvent)
      .on('raw', (_, name) => {
        if (!name?.startsWith('..') || name === mountedLink) onEvent()
      })
      // What was written while the watch was being set up is told by no event.
      .on('ready', onEvent)
      .on('error', onError)

  void look()
  return {
    async close() {
      isClosed = true
      if (timer) clearTimeout(timer)
      await watcher?.close()
    },
  }
}

/** Null where nothing is there. The time of birth tells folders apart that got the same number one after the other. */
async function findIdentity(path: string): Promise<string | null> {
  try {
    const { birthtimeNs, dev, ino } = await stat(path, { bigint: true })
    return [dev, ino, birthtimeNs].join(' ')
  } catch {
    return null
  }
}
