import { expect, test } from 'vitest'
import { createHostRules } from './host-rules.ts'

const rules = createHostRules([
  'models.example.com',
  '*.svc',
  '10.20.0.0/16',
  'fd00::/8',
  '192.0.2.7',
])

test.each([
  ['models.example.com', '198.51.100.1', true],
  ['Models.Example.COM.', '198.51.100.1', true],
  ['other.example.com', '198.51.100.1', false],
  ['evilmodels.example.com', '198.51.100.1', false],
  ['models.example.com.evil.test', '198.51.100.1', false],
  ['qwen.team.svc', '198.51.100.1', true],
  ['svc', '198.51.100.1', false],
  ['evil-svc', '198.51.100.1', false],
  ['anything.test', '10.20.255.1', true],
  ['anything.test', '10.21.0.1', false],
  ['anything.test', '192.0.2.7', true],
  ['anything.test', '192.0.2.8', false],
  ['anything.test', 'fd12::1', true],
  ['anything.test', 'fe80::1', false],
  ['10.20.0.1', '10.20.0.1', true],
  ['198.51.100.1', '198.51.100.1', false],
])('%s at %s: %s', (host, address, isAllowed) => {
  expect(rules.allow(host, address)).toBe(isAllowed)
})
