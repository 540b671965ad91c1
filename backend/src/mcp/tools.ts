import { roles } from '@hub/shared'
import { isCaller, type RequestContext } from '#context'
import type { Denial } from '#errors'
import { isStream, type AgentResource, type BoundOperation } from '#operation'
import { leastRole, mayAnywhere } from '#rbac'
import { describeFields, fieldsName } from './pick-fields.ts'
import { createToolInput, type ToolInput } from './tool-input.ts'

/** An operation as agents see it. */
export type Tool = {
  name: string
  operation: BoundOperation
  input: ToolInput
  /** Of each item of a list, what is answered where nothing else is asked for. */
  fields: readonly string[] | undefined
  /** Where what it answers stands by itself, if it does. */
  resource: AgentResource | null
  /** As `tools/list` tells it. */
  listed: {
    name: string
    title: string
    description: string
    inputSchema: ToolInput['schema']
    annotations: {
      title: string
      readOnlyHint: boolean
      destructiveHint: boolean
      idempotentHint: boolean
      openWorldHint: boolean
    }
  }
}

/** Those operations that say how they are offered, in their order. */
export function createTools(operations: readonly BoundOperation[]): Tool[] {
  return operations.flatMap((operation) => {
    const { effect, input, output, summary, tool } = operation
    if ('none' in tool) return []
    const hasFields = effect === 'read' && output !== null && !isStream(output)
    const toolInput = createToolInput(input, {
      without: tool.without ?? [],
      own: hasFields ? { [fieldsName]: describeFields(tool.fields) } : {},
    })
    const annotations = {
      title: summary,
      readOnlyHint: effect === 'read',
      destructiveHint: effect === 'destructive',
      idempotentHint: effect !== 'write',
      openWorldHint: false,
    }
    const listed = {
      name: tool.name,
      title: summary,
      description: tool.description,
      inputSchema: toolInput.schema,
      annotations,
    }
    return [
      {
        name: tool.name,
        operation,
        input: toolInput,
        fields: tool.fields,
        resource: tool.resource ?? null,
        listed,
      },
    ]
  })
}

/** Whether the caller can use a tool anywhere: what they cannot is not offered, and the operation still decides. */
export function isOfferedTo(ctx: RequestContext, { operation: { policy } }: Tool): boolean {
  if (policy === 'person') return ctx.actor.type === 'user'
  if (typeof policy !== 'object') return policy === 'signed-in' && isCaller(ctx.actor)
  return mayAnywhere(ctx, policy.permission)
}

/** What would let somebody do what they were refused: the least role that does, where they were refused it. */
export function describeWayThere({ actor }: RequestContext, denial: Denial | undefined): string {
  const { instance = null, namespace = null, permission } = denial ?? {}
  if (instance === null || permission === undefined) {
    return `Whoever is a person can ask for a role (${roles.slice(0, 2).join(' or ')}) with request_access.`
  }
  const place = namespace === null ? '' : `, namespace "${namespace}",`
  return `A person who may not do this can ask for ${leastRole(actor, permission, instance)} on "${instance}"${place} with request_access.`
}
