import type { DeploymentList, InstanceList, NamespaceList } from '@hub/shared'
import type { CompleteRequestParams, CompleteResult } from '@modelcontextprotocol/server'
import type { RequestContext } from '#context'
import { requireArgument } from './prompts.ts'
import type { RunTool } from './run-tool.ts'

const valuesMax = 100
const deploymentsMax = 500

/** What an argument of a prompt, or a part of an address, may be, of what the caller may see. Throws `AppError`, and invalid params where there is no such prompt. */
export async function complete(
  ctx: RequestContext,
  run: RunTool,
  { argument, context, ref }: CompleteRequestParams,
): Promise<CompleteResult> {
  if (ref.type === 'ref/prompt') requireArgument(ref.name, argument.name)
  const given = context?.arguments ?? {}
  const asked = { name: argument.name, value: argument.value }
  const { isCut, values } = await findValues(ctx, run, asked, given)
  const matching = [...new Set(values)].filter((value) => value.startsWith(argument.value))
  return {
    completion: {
      values: matching.slice(0, valuesMax),
      // Of a part the number of all is not known.
      ...(!isCut && { total: matching.length }),
      hasMore: isCut || matching.length > valuesMax,
    },
  }
}

type Found = { values: string[]; isCut: boolean }

async function findValues(
  ctx: RequestContext,
  run: RunTool,
  { name, value }: { name: string; value: string },
  { instance, namespace }: Record<string, string>,
): Promise<Found> {
  const all = (values: string[]): Found => ({ values, isCut: false })
  switch (name) {
    case 'instance': {
      const { items } = (await run(ctx, 'list_instances', {})) as InstanceList
      return all(items.map(({ id }) => id))
    }
    case 'namespace': {
      if (instance === undefined) return all([])
      const { items } = (await run(ctx, 'list_namespaces', { instance })) as NamespaceList
      return all(items.map((each) => each.name))
    }
    case 'name': {
      if (!nameStart.test(value)) return all([])
      const { items, next } = (await run(ctx, 'list_deployments', {
        instance,
        namespace,
        q: value === '' ? undefined : value,
        sort: 'name',
        limit: deploymentsMax,
      })) as DeploymentList
      return { values: items.map((each) => each.name), isCut: next !== null }
    }
    default:
      return all([])
  }
}

/** Nothing else begins the name of a Kubernetes object (RFC 1123). */
const nameStart = /^[a-z0-9.-]{0,200}$/
