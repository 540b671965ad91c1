import type { DeploymentList, InstanceList } from '@hub/shared'
import {
  ResourceNotFoundError,
  UriTemplate,
  type ListResourcesResult,
  type ListResourceTemplatesResult,
  type ReadResourceResult,
} from '@modelcontextprotocol/server'
import type { RequestContext } from '#context'
import { asAppError } from '#errors'
import type { AgentResource } from '#operation'
import type { RunTool } from './run-tool.ts'
import { isOfferedTo, type Tool } from './tools.ts'
import { readToolOutput } from './tool-output.ts'

/** What there is to read, each at its own address. Tools that read one thing offer it so as well. */
export type Resources = {
  /** Instances and deployments that the caller may see, page by page. */
  list(ctx: RequestContext, cursor: string | undefined): Promise<ListResourcesResult>
  templates(ctx: RequestContext): ListResourceTemplatesResult
  /** Throws `ResourceNotFoundError`, also for what is not for the caller, and `AppError`. */
  read(ctx: RequestContext, uri: string): Promise<ReadResourceResult>
}

const pageSize = 100

/** The addresses of what changes: those that subscribers are told of. */
export const instanceUri = new UriTemplate('hub://instances/{instance}')
const deploymentPath = 'hub://instances/{instance}/namespaces/{namespace}/deployments/{name}'
export const deploymentUri = new UriTemplate(deploymentPath)
export const manifestUri = new UriTemplate(`${deploymentPath}/manifest`)

export function createResources(tools: readonly Tool[], run: RunTool): Resources {
  const offered = tools.flatMap((tool) => {
    const { resource } = tool
    return resource ? [{ tool, resource, template: new UriTemplate(resource.uri) }] : []
  })

  return {
    list: async (ctx, cursor) => {
      const instances =
        cursor === undefined ? ((await run(ctx, 'list_instances', {})) as InstanceList) : null
      const deployments = (await run(ctx, 'list_deployments', {
        limit: pageSize,
        cursor,
      })) as DeploymentList
      return {
        resources: [
          ...(instances?.items ?? []).map(({ id, status }) => ({
            uri: instanceUri.expand({ instance: id }),
            name: id,
            title: `Instance ${id}`,
            description: status.reason ?? `Instance ${id} is ${status.state}.`,
            mimeType: 'application/json',
          })),
          ...deployments.items.map(({ instance, name, namespace, sentence }) => ({
            uri: deploymentUri.expand({ instance, namespace, name }),
            name: `${instance}/${namespace}/${name}`,
            title: `Deployment ${name}`,
            description: sentence,
            mimeType: 'application/json',
          })),
        ],
        ...(deployments.next !== null && { nextCursor: deployments.next }),
      }
    },
    templates: (ctx) => ({
      resourceTemplates: offered
        .filter(({ tool }) => isOfferedTo(ctx, tool))
        .map(({ resource, tool }) => ({
          uriTemplate: resource.uri,
          name: tool.name,
          title: tool.listed.title,
          description: tool.listed.description,
          mimeType: resource.mimeType,
        })),
    }),
    read: async (ctx, uri) => {
      for (const { resource, template, tool } of offered) {
        const values = template.match(uri)
        if (values === null || !isOfferedTo(ctx, tool)) continue
        try {
          const output = await tool.operation.run(ctx, tool.input.read({ ...values }))
          const { structured, text } = await readToolOutput(tool.operation, output)
          return { contents: [present(uri, resource, text(), structured?.() ?? null)] }
        } catch (thrown) {
          const { code } = asAppError(thrown)
          if (code === 'not-found' || code === 'invalid-request')
            throw new ResourceNotFoundError(uri)
          throw thrown
        }
      }
      throw new ResourceNotFoundError(uri)
    },
  }
}

function present(
  uri: string,
  { mimeType, text: field }: AgentResource,
  text: string,
  structured: Record<string, unknown> | null,
) {
  const own = field === undefined ? undefined : structured?.[field]
  return { uri, mimeType, text: typeof own === 'string' ? own : text }
}
