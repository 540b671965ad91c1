import type { RequestContext } from '#context'
import type { FleetDeployment } from '#fleet'
import { isRecord } from '#kube'
import { namesOf } from './model-names.ts'
import { openModel, type ModelDeps } from './open-model.ts'
import { readText } from './read-text.ts'

/** What engines call the models that they serve. */
export type ServedNames = {
  /** As the engine lists it, asked once; where it does not say, what the CRD's defaults make of the spec. */
  of(ctx: RequestContext, deployment: FleetDeployment): Promise<string>
  /** It is asked again. */
  forget(deployment: FleetDeployment): void
}

const modelsMs = 5_000
const modelsBytesMax = 256 * 1024
const namesMax = 20_000

export function createServedNames(deps: ModelDeps): ServedNames {
  const names = new Map<string, string>()
  return {
    of: async (ctx, deployment) => {
      const key = keyOf(deployment)
      const known = names.get(key)
      if (known !== undefined) return known
      const name = await askName(ctx, deps, deployment)
      // One that does not answer now may be called otherwise once it does.
      if (name === null) return presumeName(deployment)
      if (names.size >= namesMax) names.clear()
      names.set(key, name)
      return name
    },
    forget: (deployment) => void names.delete(keyOf(deployment)),
  }
}

/** Of what the engine lists, for others may share its address: a name of its own, else the first. Null where it does not say. */
async function askName(
  ctx: RequestContext,
  deps: ModelDeps,
  deployment: FleetDeployment,
): Promise<string | null> {
  try {
    const { body, status } = await openModel(ctx, deps, 'deployment.chat', deployment).ask({
      method: 'GET',
      path: ['v1', 'models'],
      headers: { accept: 'application/json' },
      timeoutMs: modelsMs,
    })
    const answer: unknown = JSON.parse(await readText(body, modelsBytesMax))
    if (status !== 200 || !isRecord(answer) || !Array.isArray(answer['data'])) return null
    const listed = (answer['data'] as unknown[]).map((each) => (isRecord(each) ? each['id'] : null))
    const known = [...namesOf(deployment), presumeName(deployment)]
    const name = known.find((each) => listed.includes(each)) ?? listed[0]
    return typeof name === 'string' ? name : null
  } catch {
    // Its call says what is wrong, if anything is.
    return null
  }
}

/** Until its spec names another. */
function keyOf({ model, uid }: FleetDeployment): string {
  return JSON.stringify([uid, model.servedName, model.id])
}

/** The CRD's default for what an engine serves it as. */
function presumeName({ model, name }: FleetDeployment): string {
  return model.servedName ?? model.id?.split('/').at(-1) ?? name
}
