import type { Condition } from '@hub/shared'
import type { Tone } from '../../components/tone.ts'

const titles: Record<string, string> = {
  Validated: 'Specification is valid',
  EngineSelected: 'Engine is chosen',
  ProviderSelected: 'Runtime is chosen',
  ProviderCompatible: 'Runtime can serve it',
  StorageReady: 'Storage is ready',
  ModelDownloaded: 'Model is downloaded',
  ResourceCreated: 'Passed to the runtime',
  Ready: 'Ready to serve',
  GatewayReady: 'Reachable through the gateway',
  ImageResolved: 'Image is found',
  ImageVerified: 'Image is verified',
  UnsupportedImage: 'Image is not a supported one',
  RecipeResolved: 'Recipe is found',
  HardwareCompatible: 'Hardware fits',
  NightlyAvailable: 'A nightly image is available',
}
const badWhenTrue = new Set(['UnsupportedImage'])
const failure =
  /Fail|Error|Conflict|Incompatible|Missing|NotSupported|NoProvider|Exceeded|Denied|Refused/
/** Off by choice or for want of an add-on, which is nobody's mistake. */
const optional = new Set(['CRDsNotAvailable', 'NoGateway', 'GatewayDisabled'])

export interface ConditionWords {
  title: string
  answer: string
  tone: Tone
}

/** A condition in plain words; one this page does not know keeps its name, spaced out. */
export function describeCondition({ type, status, reason }: Condition): ConditionWords {
  const title = titles[type] ?? spaceOut(type)
  if (status === 'Unknown') return { title, answer: 'Unknown', tone: 'neutral' }
  if (badWhenTrue.has(type)) {
    return status === 'True'
      ? { title, answer: 'Yes', tone: 'warning' }
      : { title, answer: 'No', tone: 'good' }
  }
  if (status === 'True') return { title, answer: 'Yes', tone: 'good' }
  if (optional.has(reason)) return { title, answer: 'No', tone: 'neutral' }
  if (failure.test(reason)) return { title, answer: 'No', tone: 'bad' }
  return { title, answer: 'Not yet', tone: 'busy' }
}

function spaceOut(type: string): string {
  const words = type.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
