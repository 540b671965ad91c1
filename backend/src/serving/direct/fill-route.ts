import type { ServedDeployment } from '../served-deployment.ts'

/** Where a model is, in an address of `DirectModels`. */
export type FilledRoute = { origin: string; segments: string[] }

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * The address of a model, or null where it has none: what a cluster says of it is a plain name, or it would lead
 * elsewhere than the template does.
 */
export function fillRoute(template: string, deployment: ServedDeployment): FilledRoute | null {
  const { endpoint, name, namespace } = deployment
  const values: Record<string, string> = {
    namespace,
    name,
    ...(endpoint && { service: endpoint.service, port: String(endpoint.port) }),
  }
  let isPlain = true
  const filled = template.replaceAll(/\{([a-z]+)\}/g, (_, variable: string) => {
    const value = values[variable]
    if (value === undefined || !label.test(value)) isPlain = false
    return value ?? ''
  })
  if (!isPlain || !URL.canParse(filled)) return null
  const { origin, pathname } = new URL(filled)
  return { origin, segments: pathname.split('/').filter((part) => part !== '') }
}
