import { TargetOutcome, type Deployment } from '@hub/shared'
import { auditDenial } from '#audit'
import type { RequestContext } from '#context'
import { asAppError, type AppError } from '#errors'
import type { Repeat } from '#operation'
import { isAllowed } from '#rbac'
import type { DeploymentCoordinates } from '../deps.ts'

/** One of several things to do. */
export type Task = DeploymentCoordinates & {
  /** What it is among those of one request. */
  key: string
  permission: 'deployment.create' | 'deployment.update' | 'deployment.delete'
  run(): Promise<{ deployment: Deployment | null; warnings?: readonly string[] }>
}

const errorsMax = 20

/** What came of one of them, which has its own refusal and its own audit rows. Never throws. */
export async function runTarget(
  ctx: RequestContext,
  task: Task,
  repeat?: Repeat,
): Promise<TargetOutcome> {
  const { instance, key, name, namespace } = task
  const place = { instance, namespace, name }
  const kept = findKept(ctx, task, repeat)
  if (kept) return kept
  try {
    const { deployment, warnings = [] } = await task.run()
    const outcome: TargetOutcome = {
      ...place,
      outcome: 'done',
      deployment,
      warnings: [...warnings],
      problem: null,
    }
    await repeat?.keep(key, outcome).catch((error: unknown) => {
      ctx.log.warn({ error }, 'that a target is done could not be kept; a retry looks again')
    })
    return outcome
  } catch (thrown) {
    const error = await auditDenial(ctx, asAppError(thrown))
    if (error.code === 'internal') ctx.log.error({ error, ...place }, 'a target failed')
    return { ...place, ...presentFailure(error) }
  }
}

/** What an earlier request with the same key has done already, for who may still do it. */
function findKept(
  ctx: RequestContext,
  { instance, key, namespace, permission }: Task,
  repeat?: Repeat,
): TargetOutcome | null {
  const kept = TargetOutcome.safeParse(repeat?.done.get(key))
  return kept.success && isAllowed(ctx, permission, { instance, namespace }) ? kept.data : null
}

function presentFailure({
  code,
  detail,
  errors,
  outcome,
}: AppError): Pick<TargetOutcome, 'outcome' | 'deployment' | 'warnings' | 'problem'> {
  return {
    outcome: outcome ?? (code === 'internal' ? 'unknown' : 'failed'),
    deployment: null,
    warnings: [],
    problem: { code, detail, ...(errors?.length && { errors: errors.slice(0, errorsMax) }) },
  }
}
