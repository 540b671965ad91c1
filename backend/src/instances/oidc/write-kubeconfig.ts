import type { OidcKubeconfig, OidcProfile } from '@hub/shared'
import { writeYaml } from '#yaml'
import { scopesOf } from './describe-provider.ts'
import { predictUsername } from './predict-name.ts'
import { quoteWord } from './shell-words.ts'

/** How the cluster is reached; nothing of how the hub signs in there. */
export type ClusterEndpoint = {
  server: string
  /** PEM; null for the certificate authorities that a machine trusts. */
  ca: string | null
  tlsServerName: string | null
}

const plugin = 'kubectl-together_login'

/** A kubeconfig whose user signs in at the cluster's own issuer, by the plugin that this hub offers. */
export function writeKubeconfig(
  instance: string,
  profile: OidcProfile,
  endpoint: ClusterEndpoint,
): Omit<OidcKubeconfig, 'link'> {
  const { ca, server, tlsServerName } = reachOf(profile, endpoint)
  const cluster = {
    server,
    ...(ca !== null && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
    ...(tlsServerName !== null && { 'tls-server-name': tlsServerName }),
  }
  const args = [
    'get-token',
    `--oidc-issuer-url=${profile.issuer}`,
    `--oidc-client-id=${profile.clientId}`,
    ...scopesOf(profile).map((scope) => `--oidc-extra-scope=${scope}`),
    ...(profile.needsSecret ? [] : ['--oidc-pkce-method=S256']),
  ]
  const name = `${instance}-oidc`
  const fileName = `${name}.yaml`
  const path = `$HOME/.kube/${fileName}`
  return {
    fileName,
    plugin,
    needsSecret: profile.needsSecret,
    username: predictUsername(profile, `<${profile.usernameClaim}>`),
    mergeCommand: writeMergeCommand(name, path),
    kubeconfig: writeYaml({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: instance, cluster }],
      users: [
        {
          name,
          user: {
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1',
              command: plugin,
              args,
              interactiveMode: 'IfAvailable',
              provideClusterInfo: false,
              installHint: `${plugin} is not installed. The hub that this kubeconfig is from offers it under /cli/.`,
            },
          },
        },
      ],
      contexts: [{ name, context: { cluster: instance, user: name } }],
      'current-context': name,
    }),
  }
}

/** What it writes holds every credential that the person has: it is theirs alone before anything is in it. */
function writeMergeCommand(name: string, path: string): string {
  const merged = '"$HOME/.kube/merged"'
  return [
    `touch ${merged}`,
    `chmod 600 ${merged}`,
    `KUBECONFIG="$HOME/.kube/config:${path}" kubectl config view --flatten > ${merged}`,
    `mv ${merged} "$HOME/.kube/config"`,
    `kubectl config use-context ${quoteWord(name)}`,
  ].join(' && ')
}

/** Where people reach the cluster: the name that the hub checks there is of its own way. */
export function reachOf({ server }: OidcProfile, endpoint: ClusterEndpoint): ClusterEndpoint {
  return server === null ? endpoint : { server, ca: endpoint.ca, tlsServerName: null }
}
