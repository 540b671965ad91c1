import type { OidcProfile, OidcProviderSide, OidcSetup } from '@hub/shared'
import { writeYaml } from '#yaml'
import { describeOpenShift } from './describe-open-shift.ts'
import { describeProvider, scopesOf, type ProviderNaming } from './describe-provider.ts'
import { usernamePrefixOf } from './predict-name.ts'

/** What the identity provider and the API server have to be told, for a profile. */
export function describeSetup(profile: OidcProfile): OidcSetup {
  const { clientId, groupsClaim, groupsPrefix, issuer, usernameClaim, usernamePrefix } = profile
  return {
    ...describeProviderSide(profile),
    flags: [
      `--oidc-issuer-url=${issuer}`,
      `--oidc-client-id=${clientId}`,
      `--oidc-username-claim=${usernameClaim}`,
      ...(usernamePrefix === null ? [] : [`--oidc-username-prefix=${usernamePrefix}`]),
      ...(groupsClaim === null ? [] : [`--oidc-groups-claim=${groupsClaim}`]),
      ...(groupsPrefix === null ? [] : [`--oidc-groups-prefix=${groupsPrefix}`]),
    ],
    authenticationConfiguration: `${aboutConfiguration}${writeYaml(toConfiguration(profile))}`,
    auditPolicy: `${aboutAudit}${writeYaml(auditPolicy)}`,
    openShift: describeOpenShift(profile),
  }
}

/** What the identity provider's client has to have; without an issuer, whichever provider it is. */
export function describeProviderSide({
  issuer,
  ...profile
}: Omit<ProviderNaming, 'issuer'> & { issuer?: string | undefined }): OidcProviderSide {
  const ofProvider = issuer === undefined ? [] : describeProvider({ ...profile, issuer }).notes
  const ofClaim =
    profile.usernameClaim === 'email'
      ? [
          'email: the API server refuses whoever has email_verified false, with 401. Its names have no prefix unless one is set.',
        ]
      : []
  return {
    redirectUris: ['http://localhost:8000', 'http://localhost:18000'],
    scopes: ['openid', ...scopesOf(profile)],
    notes: [...ofProvider, ...ofClaim],
  }
}

const aboutConfiguration = `# --authentication-config=FILE, instead of all --oidc flags; read again when it changes. Kubernetes 1.30 or later;
# before 1.34 its apiVersion is apiserver.config.k8s.io/v1beta1. Each further issuer is another item of jwt, up to 64,
# each with a url of its own; further audiences of this one are items of its audiences.
`

function toConfiguration(profile: OidcProfile) {
  const { clientId, groupsClaim, groupsPrefix, issuer, usernameClaim } = profile
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: { url: issuer, audiences: [clientId], audienceMatchPolicy: 'MatchAny' },
        claimMappings: {
          username: { claim: usernameClaim, prefix: usernamePrefixOf(profile) },
          ...(groupsClaim !== null && {
            groups: { claim: groupsClaim, prefix: groupsPrefix ?? '' },
          }),
          uid: { claim: 'sub' },
        },
        userValidationRules: [
          {
            expression: "!user.username.startsWith('system:')",
            message: 'names that begin with system: are Kubernetes’ own',
          },
          {
            expression: "user.groups.all(group, !group.startsWith('system:'))",
            message: 'groups that begin with system: are Kubernetes’ own',
          },
        ],
      },
    ],
  }
}

const aboutAudit = `# --audit-policy-file=FILE, with --audit-log-path=/var/log/kubernetes/audit.log
# --audit-log-maxage=30 --audit-log-maxbackup=10 --audit-log-maxsize=100. The first rule that fits decides.
`

/** Who did what, by name, without what secrets say; the cluster's own comings and goings are left out. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    {
      level: 'None',
      userGroups: ['system:nodes', 'system:serviceaccounts:kube-system'],
      verbs: ['get', 'list', 'watch'],
    },
    {
      level: 'None',
      users: ['system:kube-scheduler', 'system:kube-controller-manager', 'system:apiserver'],
      verbs: ['get', 'list', 'watch'],
    },
    {
      level: 'None',
      nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi*'],
    },
    { level: 'None', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] },
    {
      level: 'Metadata',
      resources: [
        { group: '', resources: ['secrets', 'configmaps', 'serviceaccounts/token'] },
        { group: 'authentication.k8s.io', resources: ['tokenreviews'] },
      ],
    },
    {
      level: 'RequestResponse',
      verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
      resources: [{ group: 'rbac.authorization.k8s.io' }],
    },
    { level: 'Metadata' },
  ],
}
