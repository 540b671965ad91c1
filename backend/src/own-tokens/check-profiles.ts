import { takesOwnTokens, type Instances } from '#clusters'
import type { Job } from '#context'
import type { Database } from '#db'
import type { Profiles } from '#instances'

const everySeconds = 15

/** Says of instances that take people's own tokens, and whose issuer nobody has named, that this is missing. */
export function createProfileCheck({
  db,
  instances,
  profiles,
}: {
  db: Database
  instances: Pick<Instances, 'list' | 'reportPeople'>
  profiles: Pick<Profiles, 'find'>
}): Job {
  const missing = new Set<string>()
  return {
    name: 'own-tokens.profiles',
    everySeconds,
    failure: 'whether instances that take people’s own tokens have a profile could not be read',
    run: async () => {
      for (const instance of instances.list().filter(takesOwnTokens)) {
        const { id } = instance
        const isMissing = (await profiles.find(db, id)) === null
        if (isMissing) instances.reportPeople(id, describeMissing(id))
        else if (missing.has(id)) instances.reportPeople(id, null)
        if (isMissing) missing.add(id)
        else missing.delete(id)
      }
    },
  }
}

function describeMissing(id: string): string {
  return `Instance "${id}" takes people's own tokens, and nobody has said of which issuer and for which client id, so nobody sees what is deployed there. An administrator can set its OIDC profile (PUT /api/instances/${id}/oidc).`
}
