import { parse } from 'yaml'

/** The TLS options of a kubeconfig with an inline client certificate. */
export function readCredential(kubeconfig: string): { ca: string; cert: string; key: string } {
  const { clusters, users } = parse(kubeconfig) as {
    clusters: [{ cluster: Record<string, string> }]
    users: [{ user: Record<string, string> }]
  }
  const decode = (value: string | undefined) => Buffer.from(value ?? '', 'base64').toString('utf8')
  return {
    ca: decode(clusters[0].cluster['certificate-authority-data']),
    cert: decode(users[0].user['client-certificate-data']),
    key: decode(users[0].user['client-key-data']),
  }
}
