import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import type { OutsideProviderConfig } from '#config'
import type { Clock } from '#context'
import { AppError } from '#errors'
import { keepDocument } from '#identity-providers'
import { readText } from '#serving'
import { askOutside, type AskOutside } from './ask-outside.ts'

/** As the provider names it, and when it was made, in seconds, where it says so. */
type OutsideModel = { id: string; created: number }

/**
 * The models that a provider lists, at most ten minutes old, or a day where it cannot be asked. Throws what `askOutside`
 * throws; whoever asks waits three seconds at most, and the list comes for the next one.
 */
export type OutsideModels = (provider: OutsideProviderConfig) => Promise<readonly OutsideModel[]>

const waitMs = 3000
const firstByteMs = 10_000
/** The whole list. */
const readMs = 15_000
const bytesMax = 8 * 1024 * 1024
const modelsMax = 10_000
/** Some serve calls alone, and say that there is no such address. */
const noList = new Set([404, 405, 501])

const Listed = z.looseObject({
  id: z.string().min(1).max(256),
  /** OpenAI's. */
  created: z.number().nonnegative().optional().catch(undefined),
  /** Anthropic's. */
  created_at: z.iso.datetime({ offset: true }).optional().catch(undefined),
})
/** In an object, as OpenAI has it, or the array alone. */
const List = z.union([
  z.looseObject({ data: z.array(z.unknown()) }).transform(({ data }) => data),
  z.array(z.unknown()),
])

type KeptList = {
  provider: OutsideProviderConfig
  /** Null until it has come once. */
  latest: readonly OutsideModel[] | null
  get: () => Promise<readonly OutsideModel[]>
}

export function createOutsideModels(deps: AskOutside & { now: Clock }): OutsideModels {
  const lists = new Map<string, KeptList>()
  /** What one said at another address, or to whom another key belongs, is not what it says now. */
  const findList = (provider: OutsideProviderConfig): KeptList => {
    const known = lists.get(provider.id)
    if (known && isDeepStrictEqual(known.provider, provider)) return known
    const read = async () => (kept.latest = await readModels(deps, provider))
    const kept: KeptList = {
      provider,
      latest: null,
      get: keepDocument({ now: deps.now, read }).get,
    }
    lists.set(provider.id, kept)
    return kept
  }
  return async (provider) => {
    const { id } = provider
    const kept = findList(provider)
    const list = kept.get()
    const timer = Promise.withResolvers<null>()
    const timeout = setTimeout(timer.resolve, waitMs, null)
    try {
      const models = (await Promise.race([list, timer.promise])) ?? kept.latest
      if (models) return models
    } finally {
      clearTimeout(timeout)
      // Where nobody waits for it any more.
      list.catch(() => {})
    }
    throw new AppError('instance-timeout', {
      detail: `Provider "${id}" has not said yet which models it has. Try again in a moment.`,
    })
  }
}

async function readModels(
  deps: AskOutside,
  provider: OutsideProviderConfig,
): Promise<readonly OutsideModel[]> {
  // Anthropic gives twenty unless it is asked for more.
  const path = provider.scheme === 'x-api-key' ? 'models?limit=1000' : 'models'
  const signal = AbortSignal.timeout(readMs)
  const response = await askOutside(deps, provider, { path, firstByteMs, signal })
  if (noList.has(response.status)) {
    await response.body?.cancel()
    return []
  }
  const list = response.ok ? await readList(response) : null
  if (!list) {
    await response.body?.cancel().catch(() => {})
    const { id } = provider
    deps.log.warn({ provider: id, status: response.status }, 'a provider outside lists no models')
    throw new AppError('instance-error', {
      detail: `Provider "${id}" did not answer with a list of its models (status ${response.status}). Models that you know by name can be called.`,
    })
  }
  return list.slice(0, modelsMax).flatMap((each) => {
    const { data } = Listed.safeParse(each)
    if (!data) return []
    const madeAt = data.created_at === undefined ? 0 : Date.parse(data.created_at) / 1000
    return [{ id: data.id, created: Math.floor(data.created ?? madeAt) }]
  })
}

/** Null for what is none, breaks off, or is larger than any. */
async function readList(response: Response): Promise<unknown[] | null> {
  try {
    const text = await readText(response.body ?? new Blob([]).stream(), bytesMax)
    return List.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
