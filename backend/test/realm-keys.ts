import { generateKeyPairSync } from 'node:crypto'

const publicKeyEncoding = { type: 'spki', format: 'pem' } as const
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const

/**
 * What a new realm signs with, as its `components`: a key of RS256, and Keycloak's own secrets. Left to itself it makes
 * two RSA keys a realm, which takes Java seconds.
 */
export function makeRealmKeys() {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding,
    privateKeyEncoding,
  })
  const priority = ['100']
  return {
    'org.keycloak.keys.KeyProvider': [
      {
        name: 'rsa',
        providerId: 'rsa',
        config: { priority, algorithm: ['RS256'], privateKey: [privateKey] },
      },
      {
        name: 'hmac',
        providerId: 'hmac-generated',
        config: { priority, algorithm: ['HS512'] },
      },
      { name: 'aes', providerId: 'aes-generated', config: { priority } },
    ],
  }
}
