import type { KubeObject, Untyped } from '../objects.ts'

const forbiddenRoots = ['/dev', '/proc', '/sys', '/etc', '/var/run']

/** The webhook's rules for `spec.model.storage.volumes`. */
export function validateStorage({ metadata, spec }: KubeObject): string[] {
  const volumes: Untyped[] = spec.model.storage?.volumes ?? []
  const errors: string[] = []
  const mountPaths = new Set<string>()
  for (const [i, volume] of volumes.entries()) {
    const field = `spec.model.storage.volumes[${i}]`
    errors.push(...validateClaim(volume, metadata.name, field), ...validateMountPath(volume, field))
    if (mountPaths.has(volume.mountPath)) {
      errors.push(`${field}.mountPath: Duplicate value: ${JSON.stringify(volume.mountPath)}`)
    }
    if (volume.mountPath !== undefined) mountPaths.add(volume.mountPath)
  }
  for (const purpose of ['modelCache', 'compilationCache']) {
    if (volumes.filter((volume) => volume.purpose === purpose).length > 1) {
      errors.push(
        `spec.model.storage.volumes: Invalid value: "${purpose}": only one volume may have purpose ${purpose}`,
      )
    }
  }
  return errors
}

function validateClaim(volume: Untyped, deployment: string, field: string): string[] {
  if (volume.size === undefined) {
    const errors = volume.claimName
      ? []
      : [`${field}.claimName: Required value: required when size is not set`]
    for (const only of ['storageClassName', 'accessMode']) {
      if (volume[only] !== undefined)
        errors.push(`${field}.${only}: Forbidden: may only be set with size`)
    }
    return errors
  }
  const errors: string[] = []
  const expected = `${deployment}-${volume.name}`
  if (volume.claimName !== undefined && volume.claimName !== expected) {
    errors.push(
      `${field}.claimName: Invalid value: "${volume.claimName}": must be ${expected} when size is set`,
    )
  }
  if (volume.readOnly) errors.push(`${field}.readOnly: Forbidden: may not be set with size`)
  return errors
}

function validateMountPath({ mountPath }: Untyped, field: string): string[] {
  if (mountPath === undefined)
    return [`${field}.mountPath: Required value: required for purpose custom`]
  const value = JSON.stringify(mountPath)
  if (!mountPath.startsWith('/') || mountPath.split('/').includes('..')) {
    return [`${field}.mountPath: Invalid value: ${value}: must be an absolute path`]
  }
  const root = forbiddenRoots.find((each) => mountPath === each || mountPath.startsWith(`${each}/`))
  return root ? [`${field}.mountPath: Invalid value: ${value}: may not be under ${root}`] : []
}
