import type { Template, TemplateInput } from '@hub/shared'
import { emitAudit } from '#audit'
import { describeActor, type RequestContext } from '#context'
import type { Transaction } from '#db'
import { AppError } from '#errors'
import { authorize, hubWide, requireFresh } from '#rbac'
import { maskVariables } from '../manifests/mask-variables.ts'
import type { TemplateDeps } from './list-templates.ts'
import {
  deleteTemplateRow,
  findTemplateRow,
  insertTemplate,
  updateTemplateRow,
  type TemplateRow,
} from './store.ts'
import { presentTemplate } from './templates.ts'

/**
 * Keeps a configuration for deployers to start from. Throws what `authorize` and `requireFresh` throw, and
 * `conflict` where the id is taken.
 */
export async function createTemplate(
  ctx: RequestContext,
  deps: TemplateDeps,
  input: TemplateInput,
): Promise<Template> {
  requireManaged(ctx, deps, input.id)
  const row = toRow(ctx, input)
  await ctx.db.transaction(async (tx) => {
    if (!(await insertTemplate(tx, row))) {
      throw new AppError('conflict', {
        detail: `There is a template "${input.id}" already. Change that one, or choose another id.`,
      })
    }
    await announce(tx, row.id)
    await emitAudit(tx, ctx, {
      action: 'template.create',
      outcome: 'success',
      target: { template: row.id },
      after: describe(row),
    })
  })
  return presentTemplate(input, row)
}

/** Replaces one. Throws as `createTemplate` does, `not-found`, and `invalid-request` where the id would change. */
export async function updateTemplate(
  ctx: RequestContext,
  deps: TemplateDeps,
  id: string,
  input: TemplateInput,
): Promise<Template> {
  requireManaged(ctx, deps, id)
  refuseOtherId(input, id)
  const row = toRow(ctx, input)
  await ctx.db.transaction(async (tx) => {
    const before = await getRow(tx, id)
    await updateTemplateRow(tx, row)
    await announce(tx, id)
    await emitAudit(tx, ctx, {
      action: 'template.update',
      outcome: 'success',
      target: { template: id },
      before: describe(before),
      after: describe(row),
    })
  })
  return presentTemplate(input, row)
}

/** What was deployed from it stays. Throws as `createTemplate` does, and `not-found`. */
export async function deleteTemplate(
  ctx: RequestContext,
  deps: TemplateDeps,
  id: string,
): Promise<void> {
  requireManaged(ctx, deps, id)
  await ctx.db.transaction(async (tx) => {
    const before = await getRow(tx, id)
    await deleteTemplateRow(tx, id)
    await announce(tx, id)
    await emitAudit(tx, ctx, {
      action: 'template.delete',
      outcome: 'success',
      target: { template: id },
      before: describe(before),
    })
  })
}

function requireManaged(ctx: RequestContext, { templates }: TemplateDeps, id: string): void {
  authorize(ctx, 'instance.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  const { configured } = templates
  if (!configured?.list().some((each) => each.id === id)) return
  throw new AppError('conflict', { detail: configured.describe(`The template "${id}"`) })
}

async function getRow(tx: Transaction, id: string): Promise<TemplateRow> {
  const row = await findTemplateRow(tx, id)
  if (row) return row
  throw new AppError('not-found', {
    detail: `There is no template "${id.slice(0, 100)}". Refresh the list.`,
  })
}

async function announce(tx: Transaction, id: string): Promise<void> {
  await tx.announce({ topic: 'template', subject: id })
}

function toRow(ctx: RequestContext, input: TemplateInput): TemplateRow {
  const { description = null, id, instanceIds = null, open, spec, title } = input
  return {
    id,
    title,
    description,
    instanceIds: instanceIds && [...new Set(instanceIds)],
    spec: { ...spec },
    open: [...new Set(open)],
    changedAt: ctx.now(),
    changedBy: describeActor(ctx.actor),
  }
}

/** For the audit log, which keeps no value of a variable. */
function describe({ instanceIds, open, spec, title }: TemplateRow): Record<string, unknown> {
  return { title, instanceIds, open, spec: maskVariables(spec) }
}

function refuseOtherId({ id }: TemplateInput, known: string): void {
  if (id === known) return
  const detail = `must be "${known}": the id of a template stays`
  throw new AppError('invalid-request', {
    detail: `The request is not valid. /id: ${detail}.`,
    errors: [{ pointer: '/id', detail }],
  })
}
