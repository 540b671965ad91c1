import { InstanceId, PutCredentialInput } from '@hub/shared'
import { isProblem } from '../../lib/api/problem.ts'

const bytesMax = 1024 * 1024
const extension = /\.(kubeconfig|ya?ml|json|conf|config)$/i

export type CredentialErrors = {
  name?: string
  kubeconfig?: string
}

/** What is wrong with an upload before anything is sent; null where nothing is. */
export function checkUpload(name: string, kubeconfig: string): CredentialErrors | null {
  const id = InstanceId.safeParse(name)
  const input = PutCredentialInput.safeParse({ kubeconfig: kubeconfig.trim() })
  const tooLarge = new Blob([kubeconfig]).size > bytesMax
  if (id.success && input.success && !tooLarge) return null
  return {
    ...(!id.success && {
      name: name === '' ? 'is required' : (id.error.issues[0]?.message ?? 'is not a name'),
    }),
    ...(tooLarge && { kubeconfig: 'is larger than 1 MiB, which no kubeconfig needs' }),
    ...(!input.success && { kubeconfig: 'is empty: paste a kubeconfig or choose a file' }),
  }
}

/** Where the hub's answer to an upload belongs. */
export function placeUploadProblem(error: unknown): CredentialErrors {
  if (!isProblem(error)) return {}
  const placed: CredentialErrors = {}
  for (const { pointer, detail } of error.errors) {
    if (pointer === '/kubeconfig') placed.kubeconfig ??= detail
    else placed.name ??= detail
  }
  return placed
}

/** "prod-east.kubeconfig" is meant for prod-east. */
export function nameFromFile(file: string): string {
  const name = file.replace(extension, '').toLowerCase()
  return InstanceId.safeParse(name).success ? name : ''
}
