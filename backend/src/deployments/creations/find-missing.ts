import type { DeploymentSpec } from '@hub/shared'
import type { Deployments } from '../open-deployments.ts'

/** How many things that are named are looked for. */
const namesMax = 20

type Named = { resource: 'secrets' | 'persistentvolumeclaims'; name: string; what: string }

/** Sentences on Secrets and claims that a spec names and that are not there, as far as the caller's way there may look. */
export async function findMissing(
  { exists }: Pick<Deployments, 'exists'>,
  namespace: string,
  spec: Partial<DeploymentSpec>,
): Promise<string[]> {
  const looked = await Promise.all(
    listNamed(spec).map(async ({ name, resource, what }) => {
      if ((await exists(resource, name)) !== false) return null
      const kind = resource === 'secrets' ? 'Secret' : 'claim'
      return `There is no ${kind} "${name}" in namespace "${namespace}" yet: pods do not start before it is there${what}.`
    }),
  )
  return looked.filter((sentence) => sentence !== null)
}

function listNamed({ env = [], model, secrets }: Partial<DeploymentSpec>): Named[] {
  const named: Named[] = []
  if (secrets?.huggingFaceToken !== undefined) {
    const name = secrets.huggingFaceToken
    named.push({ resource: 'secrets', name, what: ', with the key HF_TOKEN' })
  }
  for (const { valueFrom } of env) {
    const reference = valueFrom?.secretKeyRef
    if (!reference || reference.optional) continue
    named.push({
      resource: 'secrets',
      name: reference.name,
      what: `, with the key ${reference.key}`,
    })
  }
  for (const { claimName, size } of model?.storage?.volumes ?? []) {
    if (claimName === undefined || size !== undefined) continue
    named.push({ resource: 'persistentvolumeclaims', name: claimName, what: '' })
  }
  const byName = new Map(named.map((each) => [`${each.resource}/${each.name}`, each]))
  return [...byName.values()].slice(0, namesMax)
}
