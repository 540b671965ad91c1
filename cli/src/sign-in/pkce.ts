import * as oidc from 'openid-client'

export type Pkce = { verifier: string; parameters: Record<string, string> } | null

export async function createPkce(method: 'auto' | 'no' | 'S256'): Promise<Pkce> {
  if (method === 'no') return null
  const verifier = oidc.randomPKCECodeVerifier()
  return {
    verifier,
    parameters: {
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    },
  }
}
