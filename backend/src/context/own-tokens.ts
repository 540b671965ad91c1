import type { PrivateText } from '#secrets'

/** What a cluster is sent in the caller's own name. */
export type OwnToken = {
  token: PrivateText
  /** From then on the cluster takes it no more. */
  endsAt: Date
  /** What the cluster calls its bearer, as the instance's OIDC profile has it. */
  username: string
  /** The command by which an administrator of the cluster lets its bearer see one namespace there; null where nobody may be bound so. */
  describeBinding: (namespace: string) => string | null
}

/** The caller's own tokens, for clusters that see people themselves. None of them can be written out. */
export type OwnTokens = {
  /** The same for the same presented token or session alone, so that what one of them showed counts for no other. */
  readonly key: string
  /** Throws `no-cluster-token`, `provider-unavailable`. */
  find(instance: string): Promise<OwnToken>
}
