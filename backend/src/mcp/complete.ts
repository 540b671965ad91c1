import type { DeploymentList, InstanceList, NamespaceList } from '@hub/shared'
import type { CompleteRequestParams, CompleteResult } from '@modelcontextprotocol/server'
import type { RequestContext } from '#context'
import { requireArgument } from './prompts.ts'
import type { RunTool } from './run-tool.ts'

const valuesMax = 100

/** What an argument of a prompt, or a part of an address, may be, of what the caller may see. Throws `AppError`, and invalid params where there is no such prompt. */
export async function complete(
  ctx: RequestContext,
  run: RunTool,
  { argument, context, ref }: CompleteRequestParams,
): Promise<CompleteResult> {
  if (ref.type === 'ref/prompt') requireArgument(ref.name, argument.name)
  const given = context?.arguments ?? {}
  const known = await findValues(ctx, run, argument.name, given)
  const matching = known.filter((value) => value.startsWith(argument.value))
  return {
    completion: {
      values: matching.slice(0, valuesMax),
      total: matching.length,
      hasMore: matching.length > valuesMax,
    },
  }
}

async function findValues(
  ctx: RequestContext,
  run: RunTool,
  name: string,
  { instance, namespace }: Record<string, string>,
): Promise<string[]> {
  switch (name) {
    case 'instance': {
      const { items } = (await run(ctx, 'list_instances', {})) as InstanceList
      return items.map(({ id }) => id)
    }
    case 'namespace': {
      if (instance === undefined) return []
      const { items } = (await run(ctx, 'list_namespaces', { instance })) as NamespaceList
      return items.map((each) => each.name)
    }
    case 'name': {
      const { items } = (await run(ctx, 'list_deployments', {
        instance,
        namespace,
        limit: 200,
      })) as DeploymentList
      return items.map((each) => each.name)
    }
    default:
      return []
  }
}
