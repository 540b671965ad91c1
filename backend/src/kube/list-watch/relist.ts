import { ClusterError } from '../cluster-error.ts'
import { isRecord, type KubeList, type KubeObject } from '../objects.ts'
import type { Timing } from '../timing.ts'
import { createPageCount, kindBudget } from './budget.ts'
import type { ListWatchOptions } from './options.ts'
import type { Rest } from './rest.ts'

const pageLimit = 500
const pageMsMax = 60_000

/** A list as of `resourceVersion`; `newest` is the latest version of an object in it. */
export type Listed = { resourceVersion: string; newest: string; objects: number }

/** Reads all there is, page by page, and delivers it. Throws ClusterError. */
export async function relist<T>(
  options: ListWatchOptions<T>,
  timing: Timing,
  rest: Rest,
): Promise<Listed> {
  const { budget = kindBudget } = options
  let newest = '0'
  let objects = 0
  const items: T[] = []
  const count = createPageCount(budget, timing.now)
  const take = (object: KubeObject, bytes: number) => {
    count.addItem(bytes)
    objects += 1
    const version = object.metadata?.resourceVersion
    if (isLater(version, newest)) newest = version
    const kept = options.read(object)
    if (kept !== null) items.push(kept)
    rest.add(bytes)
    return rest.take()
  }
  const drop = () => {
    items.length = 0
    objects = 0
    options.onDropped?.()
  }
  let limit: number | undefined = pageLimit
  let next: string | undefined
  try {
    for (;;) {
      try {
        const { body }: { body: KubeList } = await options.transport.request<KubeList>({
          method: 'GET',
          path: options.path,
          query: { ...options.query, limit, continue: next },
          signal: options.signal,
          // All of it in one answer takes as long as all its pages would.
          timeoutMs: limit === undefined ? count.leftMs() : Math.min(pageMsMax, count.leftMs()),
          isList: true,
          bytesMax: count.leftBytes(),
          onItem: take,
        })
        const resourceVersion = body.metadata?.resourceVersion
        if (typeof resourceVersion !== 'string') {
          throw new ClusterError('protocol', {
            message: 'answered with something that is not a list',
          })
        }
        for (const item of Array.isArray(body.items) ? body.items : []) {
          if (isRecord(item)) await take(item, 0)
        }
        next = readToken(body)
        if (next !== undefined) {
          count.addPage(next)
          continue
        }
        options.onReplace(items, resourceVersion)
        return { resourceVersion, newest, objects }
      } catch (error) {
        // The list outlived its continue token: ask once more, for all of it in one answer.
        if (!(error instanceof ClusterError) || error.kind !== 'gone' || limit === undefined)
          throw error
        drop()
        next = undefined
        limit = undefined
      }
    }
  } catch (error) {
    drop()
    // A page that took too long at the end of the time for all of them is no mere silence.
    if (error instanceof ClusterError && error.kind === 'timeout') count.leftMs()
    throw error
  }
}

/** Where the next page begins; undefined after the last. */
function readToken({ metadata }: KubeList): string | undefined {
  const token: unknown = metadata?.continue
  if (token === undefined || token === null || token === '') return undefined
  if (typeof token === 'string') return token
  throw new ClusterError('protocol', { message: 'answered with something that is not a list' })
}

/** Whether one resourceVersion is later than another; of what is no number nobody can say. */
export function isLater(version: unknown, than: string): version is string {
  const isNumber = (text: unknown): text is string =>
    typeof text === 'string' && /^\d{1,40}$/.test(text)
  return isNumber(version) && isNumber(than) && BigInt(version) > BigInt(than)
}
