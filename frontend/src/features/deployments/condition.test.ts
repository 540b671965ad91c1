import type { Condition } from '@hub/shared'
import { expect, test } from 'vitest'
import { describeCondition } from './condition.ts'

test.each([
  ['Ready', 'True', 'DeploymentReady', 'Ready to serve', 'Yes', 'good'],
  ['Ready', 'False', 'DeploymentInProgress', 'Ready to serve', 'Not yet', 'busy'],
  ['Ready', 'False', 'DeploymentFailed', 'Ready to serve', 'No', 'bad'],
  ['ProviderSelected', 'False', 'NoProvider', 'Runtime is chosen', 'No', 'bad'],
  ['GatewayReady', 'False', 'NoGateway', 'Reachable through the gateway', 'No', 'neutral'],
  ['UnsupportedImage', 'True', 'CustomImage', 'Image is not a supported one', 'Yes', 'warning'],
  [
    'ImageVerified',
    'Unknown',
    'VerificationNotImplemented',
    'Image is verified',
    'Unknown',
    'neutral',
  ],
  ['SomethingNew', 'True', 'Because', 'Something new', 'Yes', 'good'],
] as const)('%s=%s/%s', (type, status, reason, title, answer, tone) => {
  const condition: Condition = { type, status, reason, message: '', lastTransitionTime: null }
  expect(describeCondition(condition)).toEqual({ title, answer, tone })
})
