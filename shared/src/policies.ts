import * as z from 'zod'
import { DeploymentSpec } from './deployment-spec.ts'
import { InstanceId } from './names.ts'
import { findOpenFault } from './open-pointers.ts'
import { IdText, LineText, ProseText } from './text.ts'
import { DirectModels } from './model-routes.ts'

/** Who said it: an administrator here, or HUB_CONFIG_FILE; `default` where nobody did. */
const Source = z.enum(['default', 'manual', 'config'])

const Registry = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(\/[a-z0-9._/-]*[a-z0-9])?$/,
    'must be a registry, with a path where only part of it is meant, such as registry.example.com/ml',
  )

/** What a deployer may set that reaches the pod with more power than the rest. Administrators may set all of it. */
export const deployerFields = [
  'overrides',
  'podTemplate',
  'secretReferences',
  'images',
  'trustRemoteCode',
] as const

/**
 * What may reach a pod of an instance. `imageRegistries` holds for everybody: null for any. With `templatesOnly`,
 * deployers start from a template. With `confirmAgents`, what agents and others with a token destroy there needs a
 * person's yes. `modelUse` is from which role on its models may be used; with `directModels` the hub calls them past the
 * API server.
 */
export const InstancePolicyInput = z.strictObject({
  deployersMay: z.strictObject({
    overrides: z.boolean(),
    podTemplate: z.boolean(),
    secretReferences: z.boolean(),
    images: z.boolean(),
    trustRemoteCode: z.boolean(),
  }),
  imageRegistries: z.array(Registry).min(1).max(100).nullable(),
  templatesOnly: z.boolean(),
  confirmAgents: z.boolean().default(false),
  modelUse: z.enum(['viewers', 'deployers']).default('viewers'),
  directModels: DirectModels.nullable().default(null),
})
export type InstancePolicyInput = z.infer<typeof InstancePolicyInput>

export const InstancePolicy = InstancePolicyInput.extend({
  source: Source,
  changedAt: z.iso.datetime().nullable(),
  changedBy: z.string().nullable(),
})
export type InstancePolicy = z.infer<typeof InstancePolicy>

export const TemplateId = IdText.regex(
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  'must be the id of a template: lower-case letters, digits and hyphens',
)

/**
 * A configuration that an administrator has blessed. `open` are JSON pointers into the spec: those fields, and what is
 * below them, a deployer may still set. `instanceIds` null: for every instance.
 */
export const TemplateInput = z.strictObject({
  id: TemplateId,
  title: LineText.min(1).max(100),
  description: ProseText.max(2_000).optional(),
  instanceIds: z.array(InstanceId).min(1).max(200).nullish(),
  spec: DeploymentSpec.partial({ model: true }),
  open: z
    .array(
      z
        .string()
        .regex(/^(\/[A-Za-z0-9_.-]+)+$/, 'must be a JSON pointer such as /scaling/replicas')
        .superRefine((pointer, check) => {
          const fault = pointer.startsWith('/') ? findOpenFault(pointer) : null
          if (fault !== null) check.addIssue({ code: 'custom', message: fault })
        }),
    )
    .max(50),
})
export type TemplateInput = z.infer<typeof TemplateInput>

export const Template = TemplateInput.extend({
  description: z.string().nullable(),
  instanceIds: z.array(z.string()).nullable(),
  source: Source.exclude(['default']),
  changedAt: z.iso.datetime().nullable(),
  changedBy: z.string().nullable(),
})
export type Template = z.infer<typeof Template>

export const TemplateList = z.object({ items: z.array(Template) })
export type TemplateList = z.infer<typeof TemplateList>
