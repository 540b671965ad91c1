import type { DeploymentSpecPatch, FieldError, InstancePolicyInput } from '@hub/shared'

/** Where no administrator said otherwise. */
export const defaultPolicy: InstancePolicyInput = {
  deployersMay: {
    overrides: false,
    podTemplate: true,
    secretReferences: false,
    images: true,
    trustRemoteCode: true,
  },
  imageRegistries: null,
  templatesOnly: false,
}

type Field = { pointer: string; may: keyof InstancePolicyInput['deployersMay']; isSet: boolean }

/**
 * What of a spec, or of a patch of one, may not reach a pod of the instance, with the sentence for each field. Pointers
 * begin at the spec. Taking a field away is always allowed.
 */
export function findRefused(
  spec: DeploymentSpecPatch,
  { deployersMay, imageRegistries }: InstancePolicyInput,
  { isAdmin }: { isAdmin: boolean },
): FieldError[] {
  const refused = isAdmin
    ? []
    : powerfulFields(spec).filter(({ isSet, may }) => isSet && !deployersMay[may])
  return [
    ...refused.map(({ pointer }) => ({
      pointer,
      detail: `is for administrators on this instance: it reaches the pod with more power than a deployer has. Leave it out, or ask an administrator to allow it in the instance's policy.`,
    })),
    ...(imageRegistries === null ? [] : findForeignImages(spec, imageRegistries)),
  ]
}

function powerfulFields({
  engine,
  env,
  image,
  podTemplate,
  provider,
}: DeploymentSpecPatch): Field[] {
  const variables = (env ?? []).map((variable, index): Field => ({
    pointer: `/env/${index}/valueFrom`,
    may: 'secretReferences',
    isSet: variable?.valueFrom !== undefined && variable.valueFrom !== null,
  }))
  return [
    { pointer: '/provider/overrides', may: 'overrides', isSet: isGiven(provider?.overrides) },
    { pointer: '/podTemplate', may: 'podTemplate', isSet: isGiven(podTemplate) },
    { pointer: '/engine/image', may: 'images', isSet: isGiven(engine?.image) },
    { pointer: '/image', may: 'images', isSet: isGiven(image) },
    {
      pointer: '/engine/trustRemoteCode',
      may: 'trustRemoteCode',
      isSet: engine?.trustRemoteCode === true,
    },
    ...variables,
  ]
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function findForeignImages(
  { engine, image }: DeploymentSpecPatch,
  registries: readonly string[],
): FieldError[] {
  const images = [
    ['/engine/image', engine?.image],
    ['/image', image],
  ] as const
  return images.flatMap(([pointer, named]) => {
    if (named === undefined || named === null || isFrom(named, registries)) return []
    const detail = `must come from ${registries.join(', ')}: the policy of this instance takes images from nowhere else.`
    return [{ pointer, detail }]
  })
}

/** An image without a host is one of Docker Hub's, as container runtimes read it. */
function isFrom(image: string, registries: readonly string[]): boolean {
  const [first = '', ...rest] = image.split('/')
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const named = hasHost ? image : `docker.io/${rest.length > 0 ? image : `library/${image}`}`
  return registries.some((registry) => named.startsWith(`${registry}/`))
}
