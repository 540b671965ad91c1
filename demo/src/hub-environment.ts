import { randomBytes } from 'node:crypto'
import { audience, demoPrograms } from './programs.ts'
import type { World } from './world.ts'

/** The hub's variables for signing in at the world and knowing its people. */
export function toHubEnvironment(world: World, port: number): Record<string, string> {
  return {
    HUB_MODE: 'true',
    HOST: '127.0.0.1',
    PORT: String(port),
    SESSION_SECRET: randomBytes(32).toString('hex'),
    // All personas, and the browser tests, come from one address.
    HUB_LOGINS_PER_MINUTE: '1000',
    ENABLED_AUTH_PROVIDERS: 'oidc',
    OIDC_PROVIDER_ISSUER: world.issuer,
    OIDC_PROVIDER_CLIENT_ID: world.clientId,
    OIDC_PROVIDER_CLIENT_SECRET: world.clientSecret,
    OIDC_PROVIDER_NAME: 'Demo sign-in',
    JWT_ISSUERS: `${world.issuer};${audience}`,
    HUB_ADMINS: 'oidc:admin',
    HUB_GRANTS: JSON.stringify([
      {
        principal: 'oidc:deployer',
        role: 'deployer',
        instanceId: 'demo-east',
        namespaces: ['ml-team'],
      },
      {
        principal: 'oidc:deployer',
        role: 'deployer',
        instanceId: 'demo-west',
        namespaces: ['ml-team'],
      },
      { principal: 'oidc:viewer', role: 'viewer', instanceId: 'demo-east' },
      ...demoPrograms.map(({ clientId, instance }) => ({
        principal: `service:${clientId}@${world.issuer}`,
        role: 'viewer',
        instanceId: instance,
      })),
    ]),
  }
}
