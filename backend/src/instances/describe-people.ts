import type { ClusterInstance } from '#clusters'
import type { RequestContext } from '#context'
import type { Profiles } from './oidc/profiles.ts'

/** As whom a cluster is asked for people, for whoever administers the hub; null where the hub asks as itself. */
export async function describePeople(
  { db }: Pick<RequestContext, 'db'>,
  profiles: Profiles,
  { accessMode, id, rights }: Pick<ClusterInstance, 'accessMode' | 'id' | 'rights'>,
): Promise<string | null> {
  switch (accessMode) {
    case 'service':
      return null
    case 'impersonate':
      return 'The hub asks as hub:<principal>, with the groups hub:<role> that the grants give; the cluster’s own RBAC decides too.'
    case 'passthrough':
    case 'exchange': {
      const profile = await profiles.find(db, id)
      if (profile === null) {
        return 'The hub asks with people’s own tokens, and nobody has said of which issuer and for which client id: set the OIDC profile of this instance. Until then nobody sees what is deployed there.'
      }
      const { clientId, issuer } = profile
      const whose =
        accessMode === 'passthrough'
          ? `the tokens that people of ${issuer} come with, if "${clientId}" is in their audience`
          : `tokens for "${clientId}" that it gets from ${issuer} in exchange for those of people`
      const who =
        rights === 'cluster'
          ? 'The cluster’s RBAC decides alone, for people whom the hub does not know too.'
          : 'The hub’s grants and the cluster’s RBAC both have to say yes.'
      return `The hub asks with ${whose}. ${who}`
    }
  }
}
