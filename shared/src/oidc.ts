import * as z from 'zod'
import { InstanceId, NamespaceName } from './names.ts'
import { IdText } from './text.ts'

export const usernameClaims = ['email', 'preferred_username', 'sub'] as const

const Issuer = z
  .url({
    protocol: /^https?$/,
    error: 'must be the URL of an issuer, such as https://id.example.com',
  })
  .max(500)
  .refine((url) => !/[?#]/.test(url), 'must have neither a query nor a fragment')
const Prefix = IdText.max(200).refine((prefix) => !prefix.startsWith('system:'), {
  error: 'must not begin with system:, which Kubernetes keeps for itself',
})

/**
 * How people sign in to a cluster itself: the issuer that its API server trusts, and what it makes of its tokens. Without
 * `usernamePrefix` the API server's default holds: `<issuer>#`, and none for `email`; `-` is none.
 */
export const OidcProfileInput = z.strictObject({
  issuer: Issuer,
  clientId: IdText.min(1).max(500),
  usernameClaim: z.enum(usernameClaims),
  usernamePrefix: Prefix.nullish(),
  groupsClaim: IdText.min(1).max(200).nullish(),
  groupsPrefix: Prefix.nullish(),
  extraScopes: z
    .array(IdText.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope'))
    .max(20)
    .optional(),
  /** The provider wants a client secret, which everybody sets for themselves. */
  needsSecret: z.boolean().optional(),
  /** Where people reach the API server, if not where the hub does. */
  server: z
    .url({ protocol: /^https$/, error: 'must be an https URL' })
    .max(500)
    .nullish(),
})
export type OidcProfileInput = z.infer<typeof OidcProfileInput>

export const OidcProfile = z.object({
  issuer: z.string(),
  clientId: z.string(),
  usernameClaim: z.enum(usernameClaims),
  usernamePrefix: z.string().nullable(),
  groupsClaim: z.string().nullable(),
  groupsPrefix: z.string().nullable(),
  extraScopes: z.array(z.string()),
  needsSecret: z.boolean(),
  server: z.string().nullable(),
  source: z.enum(['manual', 'config']),
  changedAt: z.iso.datetime(),
  /** Null for what the configuration file says. */
  changedBy: z.string().nullable(),
})
export type OidcProfile = z.infer<typeof OidcProfile>

/** What was checked, and what helps where it is not as it should be. */
export const OidcChecks = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      outcome: z.enum(['pass', 'warn', 'fail']),
      detail: z.string(),
    }),
  ),
})
export type OidcChecks = z.infer<typeof OidcChecks>

/** Of a client that has one. It goes to the provider, and is kept nowhere. */
const ClientSecret = z.string().min(1).max(1_000)

/** What is tried: a profile as it was typed, by the browser, or by a code that another device shows. */
export const StartTrialInput = z.strictObject({
  profile: OidcProfileInput,
  how: z.enum(['browser', 'device']),
  /** Of the portal, as the browser has it. */
  origin: z.url({ protocol: /^https?$/, error: 'must be the origin of the portal' }).max(300),
  clientSecret: ClientSecret.optional(),
})
export type StartTrialInput = z.infer<typeof StartTrialInput>

/** A sign-in that has begun: `trial` is sealed, and handed back with what the provider says. */
export const StartedTrial = z.object({
  trial: z.string(),
  /** Where the person signs in. */
  url: z.string(),
  /** What the address that it leads back to has in it; null by a device's code. */
  state: z.string().nullable(),
  /** Null by a device's code. */
  redirectUri: z.string().nullable(),
  /** What the person confirms there; null in a browser. */
  userCode: z.string().nullable(),
  /** How long to wait before asking whether they did. */
  intervalSeconds: z.int(),
  endsAt: z.iso.datetime(),
})
export type StartedTrial = z.infer<typeof StartedTrial>

const Answer = z.string().max(8_192)

/** What the provider said of a trial, by the address that it led the browser to; nothing of it by a device's code. */
export const FinishTrialInput = z.strictObject({
  trial: z.string().min(1).max(16_384),
  state: Answer.optional(),
  code: Answer.optional(),
  iss: Answer.optional(),
  error: Answer.optional(),
  errorDescription: Answer.optional(),
  clientSecret: ClientSecret.optional(),
})
export type FinishTrialInput = z.infer<typeof FinishTrialInput>

/** What came of it: the ID token as an API server would read it, without the token. */
export const OidcTrial = z.object({
  /** `pending` while whoever holds the code has not signed in. */
  state: z.enum(['pending', 'done']),
  intervalSeconds: z.int(),
  items: OidcChecks.shape.items,
  /** What the API server would call them; null where it would not let them in. */
  username: z.string().nullable(),
  groups: z.array(z.string()),
  claims: z.record(z.string(), z.unknown()).nullable(),
})
export type OidcTrial = z.infer<typeof OidcTrial>

/** A person's kubeconfig: it holds no credential, only how to sign in. */
export const OidcKubeconfig = z.object({
  kubeconfig: z.string(),
  fileName: z.string(),
  /** Merges it into the kubeconfig that kubectl reads. */
  mergeCommand: z.string(),
  /** What the API server calls somebody, with the claim's value in angle brackets. */
  username: z.string(),
  /** The program that signs in. */
  plugin: z.string(),
  /** Whether everybody sets `OIDC_CLIENT_SECRET`. */
  needsSecret: z.boolean(),
  /** Opens `ClusterSignIn` to whoever holds it, so that a kubeconfig need not name the identity provider. */
  link: z.string(),
})
export type OidcKubeconfig = z.infer<typeof OidcKubeconfig>

export const SignInLink = z.string().regex(/^[\w-]{22}$/, 'must be the link of a sign-in')

/** How kubectl's plugin signs in to a cluster, for whoever holds the link of its sign-in. It holds no credential. */
export const ClusterSignIn = z.object({
  issuer: z.string(),
  clientId: z.string(),
  /** Besides `openid`. */
  scopes: z.array(z.string()),
  needsSecret: z.boolean(),
  /** Null while the hub does not know where the cluster is. */
  cluster: z
    .object({
      server: z.string(),
      /** PEM; null for the certificate authorities that a machine trusts. */
      ca: z.string().nullable(),
      tlsServerName: z.string().nullable(),
    })
    .nullable(),
})
export type ClusterSignIn = z.infer<typeof ClusterSignIn>

/**
 * What an administrator of the cluster sets: the API server's flags, or the same as a file (`--authentication-config`), what it
 * writes down (`--audit-policy-file`), and what an OpenShift has instead.
 */
export const OidcSetup = z.object({
  redirectUris: z.array(z.string()),
  scopes: z.array(z.string()),
  notes: z.array(z.string()),
  flags: z.array(z.string()),
  authenticationConfiguration: z.string(),
  auditPolicy: z.string(),
  openShift: z.object({
    /** How people sign in to OpenShift by `oc login` and its console. */
    oAuth: z.string(),
    /** Has its API server take the issuer's tokens. */
    authentication: z.string(),
    /** What each does, and does not do. */
    notes: z.array(z.string()),
  }),
})
export type OidcSetup = z.infer<typeof OidcSetup>

/** What of a profile the identity provider's side depends on, as far as it was typed. */
export const OidcProviderQuery = z.strictObject({
  issuer: Issuer.optional(),
  usernameClaim: z.enum(usernameClaims),
  groupsClaim: IdText.min(1).max(200).optional(),
  needsSecret: z.enum(['true', 'false'], 'must be true or false').optional(),
  /** Parted by blanks. */
  extraScopes: IdText.max(1_000).optional(),
})
export type OidcProviderQuery = z.infer<typeof OidcProviderQuery>

/** What the identity provider's client for a cluster has to have. */
export const OidcProviderSide = OidcSetup.pick({ redirectUris: true, scopes: true, notes: true })
export type OidcProviderSide = z.infer<typeof OidcProviderSide>

/** Another instance that is the same cluster; `detail` says what it means where its profile differs. */
export const SameCluster = z.object({
  instance: InstanceId,
  differs: z.boolean(),
  detail: z.string(),
})
export type SameCluster = z.infer<typeof SameCluster>

export const SameClusterList = z.object({ items: z.array(SameCluster) })
export type SameClusterList = z.infer<typeof SameClusterList>

/** Whom a role is to be given to on the cluster: a claim's value of a person, or a group. */
export const OidcBindingQuery = z
  .strictObject({
    user: IdText.min(1).max(500).optional(),
    group: IdText.min(1).max(500).optional(),
    role: IdText.regex(/^[a-zA-Z0-9][a-zA-Z0-9:._-]{0,200}$/, 'must be the name of a role'),
    roleKind: z.enum(['ClusterRole', 'Role']).optional(),
    namespace: NamespaceName.optional(),
  })
  .refine(({ namespace, roleKind }) => roleKind !== 'Role' || namespace !== undefined, {
    path: ['namespace'],
    error: 'is needed for a Role, which stands in a namespace',
  })
  .refine(({ group, user }) => (user === undefined) !== (group === undefined), {
    path: ['user'],
    error: 'is one of two: name a user or a group',
  })
export type OidcBindingQuery = z.infer<typeof OidcBindingQuery>

/** A binding as commands for whoever administers the cluster. `subject` is what the API server calls them. */
export const OidcBinding = z.object({
  name: z.string(),
  subject: z.string(),
  create: z.string(),
  remove: z.string(),
  yaml: z.string(),
  notes: z.array(z.string()),
})
export type OidcBinding = z.infer<typeof OidcBinding>

/** A binding that the hub made on a cluster, as the cluster has it. Without `namespace` it holds everywhere. */
export const ClusterBinding = z.object({
  name: z.string(),
  namespace: z.string().nullable(),
  role: z.string(),
  roleKind: z.enum(['ClusterRole', 'Role']),
  subjects: z.array(z.object({ kind: z.string(), name: z.string() })),
  createdAt: z.string().nullable(),
  createdBy: z.string().nullable(),
})
export type ClusterBinding = z.infer<typeof ClusterBinding>

export const ClusterBindingList = z.object({ items: z.array(ClusterBinding), more: z.boolean() })
export type ClusterBindingList = z.infer<typeof ClusterBindingList>

/** One that was made or, in a dry run, would be. */
export const MadeBinding = z.object({ binding: ClusterBinding, notes: z.array(z.string()) })
export type MadeBinding = z.infer<typeof MadeBinding>

export const WhoAmIQuery = z.strictObject({ namespace: NamespaceName.default('default') })
export type WhoAmIQuery = z.infer<typeof WhoAmIQuery>

/** What a cluster lets somebody do, as it says (authorization.k8s.io/v1 ResourceRule). */
export const ClusterRule = z.object({
  verbs: z.array(z.string()),
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  resourceNames: z.array(z.string()),
})
export type ClusterRule = z.infer<typeof ClusterRule>

/**
 * As whom a cluster knows the caller by their own token (SelfSubjectReview), and what it lets them do in a namespace
 * (SelfSubjectRulesReview). `isKnown` is false where it does not take the token. `sentence` says what that comes to and what
 * helps; `rules` may be `incomplete`, as where a webhook decides.
 */
export const ClusterWhoAmI = z.object({
  isKnown: z.boolean(),
  sentence: z.string(),
  /** By the instance's OIDC profile. */
  predicted: z.string(),
  username: z.string().nullable(),
  groups: z.array(z.string()),
  tokenEndsAt: z.iso.datetime(),
  namespace: NamespaceName,
  rules: z.array(ClusterRule),
  incomplete: z.boolean(),
})
export type ClusterWhoAmI = z.infer<typeof ClusterWhoAmI>
