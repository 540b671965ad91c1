import { nameVariables, type OutsideProviderConfig } from '#config'

/** For administrators of an instance that has the id of a provider outside, which is not used meanwhile. */
export function warnOfName(
  providers: readonly OutsideProviderConfig[],
  instance: string,
): readonly string[] {
  if (!providers.some(({ id }) => id === instance)) return []
  return [
    `A provider outside has the same id, "${instance}", and is not used while this instance exists. Rename the instance's kubeconfig, or take ${nameVariables(instance).key} and the provider's entry in GATEWAY_PROVIDERS away.`,
  ]
}
