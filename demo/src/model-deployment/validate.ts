import type { KubeObject, Untyped } from '../objects.ts'
import { parseQuantity } from '../quantity.ts'
import { validateStorage } from './validate-storage.ts'

export type Verdict = { denial: string | undefined; warnings: string[] }
export type FindProvider = (name: string) => KubeObject | undefined

const replicasMax = 32
const gpusMax = 64
const memoryMax = '4Ti'
const cpuMax = '512'

const deniedOverrideKeys = new Set([
  'automountServiceAccountToken',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'nodeName',
  'priorityClassName',
  'replicas',
  'resources',
  'runtimeClassName',
  'securityContext',
  'serviceAccount',
  'serviceAccountName',
])

/** The verdict of AI Runway's validating webhook on a creation, or on a change of `oldObject`. */
export function validateModelDeployment(
  object: KubeObject,
  oldObject: KubeObject | undefined,
  findProvider: FindProvider,
): Verdict {
  const { spec } = object
  if (!spec?.model) return { denial: 'spec.model: Required value', warnings: [] }
  const errors = [
    // Those that are there keep their names.
    ...(oldObject ? [] : validateName(object)),
    ...validateModel(spec),
    ...validateEngine(spec),
    ...validateServing(spec),
    ...validateCeilings(spec),
    ...validateProvider(spec, findProvider),
    ...findDeniedOverrides(spec.provider?.overrides, 'spec.provider.overrides'),
    ...validateStorage(object),
    ...(oldObject ? validateImmutables(object, oldObject) : []),
  ]
  const denial =
    errors.length === 0 ? undefined : errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`
  return { denial, warnings: collectWarnings(spec) }
}

function validateName({ metadata }: KubeObject): string[] {
  if (!metadata.name.includes('.')) return []
  return [invalid('metadata.name', metadata.name, 'must not contain dots')]
}

function validateModel({ model }: Untyped): string[] {
  if (model.source === 'custom' || model.id) return []
  return ['spec.model.id: Required value: model.id is required when source is huggingface']
}

function validateEngine({ engine = {}, image }: Untyped): string[] {
  const errors: string[] = []
  if (engine.image && image && engine.image !== image) {
    const why = 'conflicts with spec.image; set only one of them'
    errors.push(invalid('spec.engine.image', engine.image, why))
  }
  for (const key of Object.keys(engine.args ?? {})) {
    if (!/^[A-Za-z0-9_-]+$/.test(key)) {
      const why = 'argument keys may only contain letters, digits, - and _'
      errors.push(invalid(`spec.engine.args[${key}]`, key, why))
    }
  }
  for (const [i, argument] of (engine.extraArgs ?? []).entries()) {
    const flag = /^--([A-Za-z0-9_-]+)/.exec(argument)?.[1]
    if (flag !== undefined && engine.args && Object.hasOwn(engine.args, flag)) {
      errors.push(
        invalid(`spec.engine.extraArgs[${i}]`, argument, 'flag is already set in spec.engine.args'),
      )
    }
  }
  return errors
}

function validateServing({ serving, scaling, resources }: Untyped): string[] {
  if (serving?.mode !== 'disaggregated') return []
  const errors: string[] = []
  if ((resources?.gpu?.count ?? 0) > 0) {
    errors.push(
      'spec.resources.gpu: Forbidden: cannot be set in disaggregated mode; set spec.scaling.prefill.gpu and spec.scaling.decode.gpu',
    )
  }
  for (const role of ['prefill', 'decode']) {
    const field = `spec.scaling.${role}`
    const part = scaling?.[role]
    if (!part) errors.push(`${field}: Required value: required in disaggregated mode`)
    else if (!((part.gpu?.count ?? 0) > 0)) {
      errors.push(
        `${field}.gpu.count: Required value: must be greater than 0 in disaggregated mode`,
      )
    }
  }
  return errors
}

function validateCeilings({ scaling, resources }: Untyped): string[] {
  const numbers: [string, number | undefined, number][] = [
    ['spec.scaling.replicas', scaling?.replicas, replicasMax],
    ['spec.scaling.prefill.replicas', scaling?.prefill?.replicas, replicasMax],
    ['spec.scaling.prefill.gpu.count', scaling?.prefill?.gpu?.count, gpusMax],
    ['spec.scaling.decode.replicas', scaling?.decode?.replicas, replicasMax],
    ['spec.scaling.decode.gpu.count', scaling?.decode?.gpu?.count, gpusMax],
    ['spec.resources.gpu.count', resources?.gpu?.count, gpusMax],
  ]
  const quantities: [string, string | undefined, string][] = [
    ['spec.resources.memory', resources?.memory, memoryMax],
    ['spec.resources.cpu', resources?.cpu, cpuMax],
    ['spec.scaling.prefill.memory', scaling?.prefill?.memory, memoryMax],
    ['spec.scaling.decode.memory', scaling?.decode?.memory, memoryMax],
  ]
  return [
    ...numbers.flatMap(([field, value, maximum]) =>
      value !== undefined && value > maximum
        ? [invalid(field, value, `exceeds maximum allowed (${maximum})`)]
        : [],
    ),
    ...quantities.flatMap(([field, value, maximum]) => {
      if (value === undefined || value === '') return []
      const amount = parseQuantity(value)
      if (amount === undefined) return [invalid(field, value, 'must be a quantity such as 64Gi')]
      return amount > parseQuantity(maximum)!
        ? [invalid(field, value, `exceeds maximum allowed (${maximum})`)]
        : []
    }),
  ]
}

function validateProvider(spec: Untyped, findProvider: FindProvider): string[] {
  const name = spec.provider?.name
  const engine = spec.engine?.type
  if (!name || !engine) return []
  const field = 'spec.provider.name'
  const provider = findProvider(name)
  if (!provider)
    return [invalid(field, name, `InferenceProviderConfig ${JSON.stringify(name)} not found`)]
  const engines = listEngines(provider)
  const capability = engines.find((each) => each.name === engine)
  if (!capability) {
    const supported = engines.map((each) => each.name).join(', ')
    return [invalid('spec.engine.type', engine, `provider ${name} supports only: ${supported}`)]
  }
  const mode = spec.serving?.mode ?? 'aggregated'
  const modes: string[] = capability.servingModes ?? ['aggregated']
  if (!modes.includes(mode)) {
    return [
      invalid(
        'spec.serving.mode',
        mode,
        `provider ${name} serves ${engine} only: ${modes.join(', ')}`,
      ),
    ]
  }
  const wantsGpu = mode === 'disaggregated' || (spec.resources?.gpu?.count ?? 0) > 0
  if (wantsGpu ? capability.gpuSupport : capability.cpuSupport) return []
  const hardware = wantsGpu ? 'GPU' : 'CPU-only'
  return [
    invalid(
      field,
      name,
      `provider ${name} does not support ${hardware} deployments with ${engine}`,
    ),
  ]
}

/** What each engine can do; the flat shape of early 2026 says it once for all of them. */
function listEngines({ spec }: KubeObject): Untyped[] {
  const { engines = [], ...common } = spec?.capabilities ?? {}
  return engines.map((each: Untyped) =>
    typeof each === 'string' ? { ...common, name: each } : each,
  )
}

function findDeniedOverrides(value: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => findDeniedOverrides(item, `${path}[${i}]`))
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) =>
    deniedOverrideKeys.has(key)
      ? [`${path}.${key}: Forbidden: overriding ${key} is not allowed`]
      : findDeniedOverrides(child, `${path}.${key}`),
  )
}

function validateImmutables(object: KubeObject, oldObject: KubeObject): string[] {
  const { spec } = object
  const { spec: before, status } = oldObject
  if (!before?.model) return []
  const fields: [string, unknown, unknown][] = [
    ['spec.model.id', before.model.id ?? '', spec.model.id ?? ''],
    ['spec.model.source', before.model.source ?? 'huggingface', spec.model.source ?? 'huggingface'],
    ['spec.serving.mode', before.serving?.mode ?? 'aggregated', spec.serving?.mode ?? 'aggregated'],
  ]
  // Free until first decided, be it by the user or by selection.
  const engine = before.engine?.type
  if (engine) fields.push(['spec.engine.type', engine, spec.engine?.type ?? ''])
  const provider = before.provider?.name || status?.provider?.name
  const next = spec.provider?.name
  if (provider && (before.provider?.name || next))
    fields.push(['spec.provider.name', provider, next ?? ''])
  const changed = fields
    .filter(([, was, is]) => was !== is)
    .map(([field, , is]) =>
      invalid(
        field,
        is,
        `${field.slice('spec.'.length)} is immutable (changing it requires delete and recreate)`,
      ),
    )
  return [...changed, ...validateManagedVolumes(before, spec)]
}

/** Both are with their defaults. Volumes that were not there may come. */
function validateManagedVolumes(before: Untyped, spec: Untyped): string[] {
  const volumes: Untyped[] = spec.model.storage?.volumes ?? []
  const managed = (before.model.storage?.volumes ?? []).filter(
    ({ size }: Untyped) => size !== undefined,
  )
  return managed.flatMap((old: Untyped) => {
    const index = volumes.findIndex(({ name }) => name === old.name)
    if (index === -1) {
      return [
        `spec.model.storage.volumes: Forbidden: managed storage volume ${JSON.stringify(old.name)} cannot be removed (it has an associated PVC; delete the ModelDeployment to clean up managed storage)`,
      ]
    }
    if (describeVolume(old) === describeVolume(volumes[index])) return []
    return [
      invalid(
        `spec.model.storage.volumes[${index}]`,
        old.name,
        'managed storage volume is immutable once created (delete the ModelDeployment to change managed storage configuration)',
      ),
    ]
  })
}

function describeVolume({ size, ...volume }: Untyped): string {
  const { accessMode, claimName, mountPath, purpose, readOnly = false, storageClassName } = volume
  const bytes = size === undefined ? null : parseQuantity(size)
  return JSON.stringify([
    bytes,
    accessMode,
    claimName,
    mountPath,
    purpose,
    readOnly,
    storageClassName,
  ])
}

function collectWarnings({ model, engine }: Untyped): string[] {
  const warnings: string[] = []
  if (engine?.trustRemoteCode) {
    warnings.push(
      'spec.engine.trustRemoteCode is true: code from the model repository will be executed',
    )
  }
  if (model.source === 'custom' && model.servedName) {
    warnings.push('spec.model.servedName is ignored for custom models')
  }
  if (engine?.type === 'trtllm' && engine.contextLength !== undefined) {
    warnings.push('spec.engine.contextLength is ignored for trtllm')
  }
  return warnings
}

function invalid(field: string, value: unknown, why: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${why}`
}
