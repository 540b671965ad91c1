import { parse } from 'yaml'

/** What a kubeconfig of the demo or of a control plane holds inline; empty where it is not there. */
type Inline = { server: string; ca: string; cert: string; key: string; token: string }

export function readKubeconfig(kubeconfig: string): Inline {
  const { clusters, users } = parse(kubeconfig) as {
    clusters: [{ cluster: Record<string, string> }]
    users: [{ user: Record<string, string> }]
  }
  const [{ cluster }] = clusters
  const [{ user }] = users
  const decode = (value: string | undefined) => Buffer.from(value ?? '', 'base64').toString('utf8')
  return {
    server: cluster['server'] ?? '',
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
    token: user['token'] ?? '',
  }
}
