import { expect, test } from 'vitest'
import { isEndpointAllowed } from './is-endpoint-allowed.ts'

test.each<[string, string, boolean]>([
  ['https://id.example', 'https://keys.example/jwks', true],
  ['https://id.example', 'http://id.example/jwks', false],
  ['https://id.example', 'http://127.0.0.1/jwks', false],
  ['http://keycloak:8080/realms/ai', 'http://keycloak:8080/realms/ai/certs', true],
  ['http://keycloak:8080/realms/ai', 'https://keys.example/jwks', true],
  ['http://keycloak:8080/realms/ai', 'http://keycloak:9090/certs', false],
  ['http://keycloak:8080/realms/ai', 'http://evil.example/certs', false],
  ['http://keycloak:8080/realms/ai', 'http://localhost:8080/certs', false],
  ['http://localhost:8080', 'http://127.0.0.1:9090/certs', true],
  ['http://localhost:8080', 'http://keycloak:8080/certs', false],
  ['http://localhost:8080', 'file:///etc/passwd', false],
])('H26: an issuer at %s may name %s: %s', (issuer, endpoint, isAllowed) => {
  expect(isEndpointAllowed(issuer, endpoint)).toBe(isAllowed)
})
