import type { OutsideProviderConfig } from '#config'

/** For administrators of an instance that has the id of a provider outside, which is not used meanwhile. */
export function warnOfName(
  providers: readonly OutsideProviderConfig[],
  instance: string,
): readonly string[] {
  const provider = providers.find(({ id }) => id === instance)
  if (!provider) return []
  const { file, keyName } = provider
  const fix =
    file === null
      ? `take ${keyName} and the provider's entry in GATEWAY_PROVIDERS away`
      : `take the provider out of the configuration file ${file}`
  return [
    `A provider outside has the same id, "${instance}", and is not used while this instance exists. Rename the instance's kubeconfig, or ${fix}.`,
  ]
}
