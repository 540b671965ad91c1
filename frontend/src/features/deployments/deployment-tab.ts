/** What a deployment's page shows; the first is at its address without a word. */
export const deploymentTabs = [
  'overview',
  'pods',
  'logs',
  'metrics',
  'try',
  'events',
  'yaml',
  'history',
] as const
export type DeploymentTab = (typeof deploymentTabs)[number]
