import { createPrivateKey, createPublicKey, randomUUID, sign, verify } from 'node:crypto'
import type { KubeObject } from '../objects.ts'

export const tokenIssuer = 'https://kubernetes.default.svc'

type ServiceAccountClaims = {
  id: string
  namespace: string
  name: string
  uid: string
}

export type ServiceAccountTokens = {
  issue(serviceAccount: KubeObject, seconds: number): { token: string; expiresAt: Date }
  /** What a token says, if this cluster signed it and it has not expired. */
  read(token: string): ServiceAccountClaims | undefined
}

/** Signs and reads ServiceAccount tokens (ES256) with a P-256 private key in PEM. */
export function createServiceAccountTokens(privateKeyPem: string): ServiceAccountTokens {
  const privateKey = createPrivateKey(privateKeyPem)
  const publicKey = createPublicKey(privateKey)
  const header = encode({ alg: 'ES256', typ: 'JWT' })
  return {
    issue: ({ metadata }, seconds) => {
      const now = Math.floor(Date.now() / 1000)
      const payload = encode({
        aud: [tokenIssuer],
        exp: now + seconds,
        iat: now,
        iss: tokenIssuer,
        jti: randomUUID(),
        'kubernetes.io': {
          namespace: metadata.namespace,
          serviceaccount: { name: metadata.name, uid: metadata.uid },
        },
        nbf: now,
        sub: `system:serviceaccount:${metadata.namespace}:${metadata.name}`,
      })
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const
      const signature = sign('sha256', Buffer.from(`${header}.${payload}`), key)
      return {
        token: `${header}.${payload}.${signature.toString('base64url')}`,
        expiresAt: new Date((now + seconds) * 1000),
      }
    },
    read: (token) => {
      const [head, payload, signature, ...rest] = token.split('.')
      if (!head || !payload || !signature || rest.length > 0) return undefined
      const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
      const bytes = Buffer.from(`${head}.${payload}`)
      if (!verify('sha256', bytes, key, Buffer.from(signature, 'base64url'))) return undefined
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
      if (claims.exp * 1000 <= Date.now()) return undefined
      const { namespace, serviceaccount } = claims['kubernetes.io']
      return { id: claims.jti, namespace, name: serviceaccount.name, uid: serviceaccount.uid }
    },
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
