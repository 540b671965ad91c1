import type { InstancePolicyInput } from '@hub/shared'

type Field = keyof InstancePolicyInput['deployersMay']

/** What a deployer may set there that reaches the pod with more power than the rest. */
export const fieldWords: Record<Field, { label: string; description: string }> = {
  overrides: {
    label: 'Overrides of the runtime’s own object',
    description: 'They can set anything that the runtime can',
  },
  podTemplate: {
    label: 'Labels and annotations of pods',
    description: 'Other controllers of the cluster may act on them',
  },
  secretReferences: {
    label: 'Secrets in variables',
    description: 'Any secret of the namespace can be read by the model’s process',
  },
  images: { label: 'Images of their own', description: 'Instead of the runtime’s' },
  trustRemoteCode: {
    label: 'Remote code of a model',
    description: 'Its repository runs code in the pod',
  },
}

export const policyFields = Object.keys(fieldWords) as Field[]

/** "Deployers may also set: …", in a sentence. */
export function describePolicy({
  confirmAgents,
  deployersMay,
  directModels,
  imageRegistries,
  modelUse,
  templatesOnly,
}: InstancePolicyInput): string[] {
  const may = policyFields.filter((field) => deployersMay[field])
  const set = may.map((field) => fieldWords[field].label.toLowerCase()).join(', ')
  return [
    ...(templatesOnly ? ['Deployers start from a template.'] : []),
    may.length === 0
      ? 'Deployers set nothing that reaches the pod with more power than the rest.'
      : `Deployers may also set: ${set}.`,
    imageRegistries === null
      ? 'Images may come from any registry.'
      : `Images come from ${imageRegistries.join(', ')} alone, whoever deploys.`,
    ...(confirmAgents ? ['Agents ask a person before they delete or recreate.'] : []),
    ...(modelUse === 'deployers' ? ['Its models are for deployers only.'] : []),
    ...(directModels === null
      ? []
      : [
          `Models are called at ${directModels.url}, on ${directModels.hosts.join(', ')} and nowhere else.`,
          ...(directModels.certificateAuthority === null
            ? []
            : ['Their certificates are checked against an authority of their own.']),
        ]),
  ]
}

/** What a text says, one a line; null where it says nothing. */
export function readLines(text: string): string[] | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return lines.length === 0 ? null : lines
}
