import * as z from 'zod'
import { ObjectName } from './names.ts'
import { IdText } from './text.ts'

export const engines = ['vllm', 'sglang', 'trtllm', 'llamacpp'] as const
export const Engine = z.enum(engines)
export type Engine = z.infer<typeof Engine>

const quantity = /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/
const Quantity = z.string().regex(quantity, 'must be a Kubernetes quantity such as 16Gi, 500m or 4')

const labelName = /^([a-z0-9A-Z]([-a-z0-9A-Z_.]*[a-z0-9A-Z])?)$/
const labelKey =
  /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$/
const LabelKey = z
  .string()
  .max(317)
  .regex(labelKey, 'must be a label key such as team or example.com/team')
const LabelValue = z
  .string()
  .max(63, 'must have 63 characters at most')
  .refine((value) => value === '' || labelName.test(value), {
    error: 'must be letters, digits, -, _ and ., and start and end with a letter or digit',
  })
export const Labels = z.record(LabelKey, LabelValue)
export const Annotations = z.record(LabelKey, z.string().max(65_536))

const Gpu = z.strictObject({
  count: z.int().min(0).max(64).optional(),
  type: IdText.min(1).max(253).optional(),
})

const RoleScaling = z.strictObject({
  replicas: z.int().min(0).max(32).optional(),
  gpu: Gpu.optional(),
  memory: Quantity.optional(),
})

const EnvName = z
  .string()
  .max(253)
  .regex(
    /^[-._a-zA-Z][-._a-zA-Z0-9]*$/,
    'must be the name of a variable, such as VLLM_LOGGING_LEVEL',
  )

const KeyReference = z.strictObject({
  name: ObjectName,
  key: z.string().min(1).max(253),
  optional: z.boolean().optional(),
})

/** A variable (core/v1 EnvVar): a value, or where it is taken from. */
const EnvVar = z.strictObject({
  name: EnvName,
  value: z
    .string()
    .max(32_768)
    .refine((value) => !value.includes('\0'), 'must not hold a NUL character')
    .optional(),
  valueFrom: z
    .strictObject({
      secretKeyRef: KeyReference.optional(),
      configMapKeyRef: KeyReference.optional(),
    })
    .optional(),
})

const Volume = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a DNS label, such as model-cache'),
  purpose: z.enum(['modelCache', 'compilationCache', 'custom']).optional(),
  mountPath: z.string().max(1_024).regex(/^\//, 'must be an absolute path').optional(),
  claimName: ObjectName.optional(),
  readOnly: z.boolean().optional(),
  size: Quantity.optional(),
  storageClassName: z.union([z.literal(''), ObjectName]).optional(),
  accessMode: z
    .enum(['ReadWriteOnce', 'ReadWriteMany', 'ReadOnlyMany', 'ReadWriteOncePod'])
    .optional(),
})

/** core/v1 Toleration */
const Toleration = z.strictObject({
  key: z.string().max(317).optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().max(63).optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().optional(),
})

const replicasRule =
  'must be 1 to 32: runtimes take 0 for 1, so that nothing scales to zero. To give its GPUs back, delete the deployment'

export const ReplicaCount = z.int().min(1, replicasRule).max(32, replicasRule)

/**
 * The spec of a ModelDeployment, all of it (`airunway.ai/v1alpha1`). An instance's policy says which of the fields that
 * reach the pod a deployer may set there.
 */
export const DeploymentSpec = z.strictObject({
  model: z.strictObject({
    id: z
      .string()
      .min(1, 'is required, for example meta-llama/Llama-3.1-8B-Instruct')
      .max(512)
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._/:-]*$/,
        'must be a model id such as meta-llama/Llama-3.1-8B-Instruct',
      )
      .optional(),
    servedName: IdText.min(1).max(253).optional(),
    source: z.enum(['huggingface', 'custom']).optional(),
    storage: z.strictObject({ volumes: z.array(Volume).max(8) }).optional(),
  }),
  provider: z
    .strictObject({
      name: IdText.min(1).max(63).optional(),
      /** Merged into the runtime's own object as it is. */
      overrides: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  engine: z
    .strictObject({
      type: Engine.optional(),
      image: IdText.min(1).max(1_024).optional(),
      contextLength: z.int().min(1).optional(),
      trustRemoteCode: z.boolean().optional(),
      enablePrefixCaching: z.boolean().optional(),
      enforceEager: z.boolean().optional(),
      args: z
        .record(
          z
            .string()
            .regex(/^[A-Za-z0-9_-]+$/, 'must be the name of an argument, without dashes before it'),
          z.string().max(4_096),
        )
        .optional(),
      extraArgs: z.array(z.string().min(1).max(4_096)).max(100).optional(),
    })
    .optional(),
  serving: z.strictObject({ mode: z.enum(['aggregated', 'disaggregated']).optional() }).optional(),
  scaling: z
    .strictObject({
      replicas: ReplicaCount.optional(),
      prefill: RoleScaling.optional(),
      decode: RoleScaling.optional(),
    })
    .optional(),
  resources: z
    .strictObject({
      gpu: Gpu.optional(),
      memory: Quantity.optional(),
      cpu: Quantity.optional(),
    })
    .optional(),
  image: IdText.min(1).max(1_024).optional(),
  env: z.array(EnvVar).max(200).optional(),
  podTemplate: z
    .strictObject({
      metadata: z
        .strictObject({ labels: Labels.optional(), annotations: Annotations.optional() })
        .optional(),
    })
    .optional(),
  secrets: z.strictObject({ huggingFaceToken: ObjectName.optional() }).optional(),
  gateway: z
    .strictObject({
      enabled: z.boolean().optional(),
      modelName: IdText.min(1).max(253).optional(),
      httpRouteRef: ObjectName.optional(),
    })
    .optional(),
  nodeSelector: Labels.optional(),
  tolerations: z.array(Toleration).max(50).optional(),
})
export type DeploymentSpec = z.infer<typeof DeploymentSpec>

/** The fields that cannot be changed in place: the admission webhook refuses it. */
export const immutableFields = [
  '/model/id',
  '/model/source',
  '/engine/type',
  '/provider/name',
  '/serving/mode',
] as const

type Patched<T> = T extends readonly unknown[]
  ? T | null
  : T extends object
    ? { [Key in keyof T]?: Patched<T[Key]> | null | undefined }
    : T | null

/** Part of a spec, with null for what is to go (JSON merge patch, RFC 7386). */
export type DeploymentSpecPatch = {
  [Key in keyof DeploymentSpec]?: Patched<DeploymentSpec[Key]> | null | undefined
}

export const DeploymentSpecPatch: z.ZodType<DeploymentSpecPatch> = patchOf(
  DeploymentSpec,
) as z.ZodType<DeploymentSpecPatch>

/** What a merge patch of such a thing may hold. Lists are replaced as a whole. */
function patchOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional) return patchOf(schema.unwrap() as z.ZodType)
  if (schema instanceof z.ZodObject) {
    const shape = Object.entries<z.ZodType>(schema.shape)
    return z.strictObject(
      Object.fromEntries(shape.map(([name, inner]) => [name, patchOf(inner).nullish()])),
    )
  }
  if (schema instanceof z.ZodRecord) {
    return z.record(schema.keyType, (schema.valueType as z.ZodType).nullable())
  }
  return schema
}
