import {
  CreateDeploymentInput,
  NamespaceName,
  type DeploymentSpec,
  type Engine,
  type FieldError,
} from '@hub/shared'
import { isProblem } from '../../lib/api/problem.ts'

/** What the deploy form holds: every field as its control has it, empty where the person left it open. */
export interface DeployValues {
  namespace: string
  modelId: string
  name: string
  engine: Engine | 'auto'
  replicas: number | ''
  gpuCount: number | ''
  runtime: string
  gpuType: string
  memory: string
  cpu: string
  contextLength: number | ''
  servedName: string
}

export const emptyDeployValues: DeployValues = {
  namespace: '',
  modelId: '',
  name: '',
  engine: 'auto',
  replicas: 1,
  gpuCount: 1,
  runtime: '',
  gpuType: '',
  memory: '',
  cpu: '',
  contextLength: '',
  servedName: '',
}

export type DeployField = keyof DeployValues

export const advancedFields: readonly DeployField[] = [
  'runtime',
  'gpuType',
  'memory',
  'cpu',
  'contextLength',
  'servedName',
]

const fieldOfPointer: Record<string, DeployField> = {
  '/name': 'name',
  '/spec/model': 'modelId',
  '/spec/model/id': 'modelId',
  '/spec/model/servedName': 'servedName',
  '/spec/engine': 'engine',
  '/spec/engine/type': 'engine',
  '/spec/engine/contextLength': 'contextLength',
  '/spec/scaling/replicas': 'replicas',
  '/spec/resources/gpu': 'gpuCount',
  '/spec/resources/gpu/count': 'gpuCount',
  '/spec/resources/gpu/type': 'gpuType',
  '/spec/resources/memory': 'memory',
  '/spec/resources/cpu': 'cpu',
  '/spec/provider': 'runtime',
  '/spec/provider/name': 'runtime',
}

export interface DeployErrors {
  fields: Partial<Record<DeployField, string>>
  /** What no field of the form stands for. */
  rest: FieldError[]
}

/** Puts each error at its field; the first one of a field wins, since the others mostly follow from it. */
export function placeErrors(errors: readonly FieldError[]): DeployErrors {
  const placed: DeployErrors = { fields: {}, rest: [] }
  for (const error of errors) {
    const field = fieldOfPointer[error.pointer]
    if (field === undefined) placed.rest.push(error)
    else placed.fields[field] ??= error.detail
  }
  return placed
}

/** Where the hub's answer to a deploy belongs: at fields, and for the rest in a summary. */
export function placeProblem(error: unknown): DeployErrors {
  if (!isProblem(error)) return { fields: {}, rest: [] }
  if (error.code === 'deployment-exists' && error.errors.length === 0) {
    return { fields: { name: error.detail }, rest: [] }
  }
  return placeErrors(error.errors)
}

/** Checks the form by the contract's own schemas: the request to send, or what is wrong with which field. */
export function readDeployValues(
  values: DeployValues,
): { input: CreateDeploymentInput; errors: null } | { input: null; errors: DeployErrors } {
  const namespace = NamespaceName.safeParse(values.namespace.trim())
  const parsed = CreateDeploymentInput.safeParse({
    name: values.name.trim(),
    spec: buildSpec(values),
  })
  if (namespace.success && parsed.success) return { input: parsed.data, errors: null }
  const errors = placeErrors(
    (parsed.error?.issues ?? []).map((issue) => ({
      pointer: toPointer(issue.path),
      detail: issue.message,
    })),
  )
  if (!namespace.success) {
    errors.fields.namespace =
      values.namespace.trim() === ''
        ? 'is required: choose where to deploy'
        : (namespace.error.issues[0]?.message ?? 'is not a namespace')
  }
  return { input: null, errors }
}

/** JSON Pointer (RFC 6901 §3) of a path into the request body. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function buildSpec(values: DeployValues): DeploymentSpec {
  const servedName = values.servedName.trim()
  const runtime = values.runtime.trim()
  const gpu = omitEmpty({ count: values.gpuCount, type: values.gpuType.trim() })
  const engine = omitEmpty({
    type: values.engine === 'auto' ? ('' as const) : values.engine,
    contextLength: values.contextLength,
  })
  const resources = omitEmpty({ memory: values.memory.trim(), cpu: values.cpu.trim() })
  return {
    model: { id: values.modelId.trim(), ...omitEmpty({ servedName }) },
    ...(runtime !== '' && { provider: { name: runtime } }),
    ...(Object.keys(engine).length > 0 && { engine }),
    ...(values.replicas !== '' && { scaling: { replicas: values.replicas } }),
    ...(Object.keys({ ...gpu, ...resources }).length > 0 && {
      resources: { ...(Object.keys(gpu).length > 0 && { gpu }), ...resources },
    }),
  }
}

type NonEmpty<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], ''> }

/** Leaves out what the person left open. */
function omitEmpty<Fields extends Record<string, string | number>>(
  fields: Fields,
): NonEmpty<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== ''),
  ) as NonEmpty<Fields>
}
