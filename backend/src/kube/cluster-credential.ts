/** All that is needed to speak to a cluster. Holds secrets: never log it, never send it anywhere but to `server`. */
export type ClusterCredential = {
  /** `https://host:port`, followed by the path where the API server is not at the root; no trailing slash. */
  server: string
  /** PEM; null = the certificate authorities that Node trusts. */
  ca: string | null
  tlsServerName: string | null
  /** The HTTP proxy that leads to `server`, with the user name and password for it; null for the direct way. */
  proxyUrl: string | null
  verifyTls: boolean
  token: string | null
  clientCertificate: { certificate: string; key: string } | null
}

/** It shows nothing of the hub's, to nobody. */
export function createAnonymousCredential(server: string): ClusterCredential {
  return {
    server,
    ca: null,
    tlsServerName: null,
    proxyUrl: null,
    verifyTls: true,
    token: null,
    clientCertificate: null,
  }
}
