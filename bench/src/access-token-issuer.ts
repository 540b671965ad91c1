import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { World } from './benchmark.ts'

const algorithm = { kid: 'bench', alg: 'RS256', use: 'sig' }

/** Signs access tokens of programs, an hour long, and says by which key. */
export async function startAccessTokenIssuer(world: World, audience: string) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keys = [{ ...publicKey.export({ format: 'jwk' }), ...algorithm }]
  const server = createServer((request, response) => {
    const document = request.url === '/jwks' ? { keys } : { issuer, jwks_uri: `${issuer}/jwks` }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  world.defer(() => server.close())
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  return {
    issuer,
    tokenFor: (client: string): string => {
      const iat = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer, aud: audience, sub: client, azp: client, scope: 'hub' }
      const signed = `${encode(algorithm)}.${encode({ ...claims, iat, exp: iat + 3_600 })}`
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
    },
  }
}
