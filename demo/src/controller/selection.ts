import type { KubeObject } from '../objects.ts'
import type { Provider } from './providers.ts'

export type Selection = {
  provider: Provider
  providerReason: string
  isProviderExplicit: boolean
  engine: string
  engineReason: string
  isEngineExplicit: boolean
}

const enginePreference = ['vllm', 'sglang', 'trtllm', 'llamacpp']

/** Engine first, then provider, as AI Runway's core controller chooses; or the sentence why not. */
export function selectProvider(
  deployment: KubeObject,
  configs: readonly KubeObject[],
  known: readonly Provider[],
): Selection | string {
  if (configs.length === 0)
    return 'no providers registered (InferenceProviderConfig resources not found)'
  const ready = known.filter((provider) =>
    configs.some((config) => config.metadata.name === provider.name && config.status?.ready),
  )
  if (ready.length === 0) return 'no healthy providers available'

  const { spec, status } = deployment
  const mode = spec.serving?.mode ?? 'aggregated'
  const hasGpu = mode === 'disaggregated' || (spec.resources?.gpu?.count ?? 0) > 0
  const wantedProvider = spec.provider?.name || status?.provider?.name
  const wantedEngine = spec.engine?.type || status?.engine?.type
  const fits = (provider: Provider, engine: string) =>
    provider.engines.some(
      (each) =>
        each.name === engine &&
        each.servingModes.includes(mode) &&
        (hasGpu ? each.gpuSupport : each.cpuSupport),
    )
  const candidates = ready.filter((provider) => !wantedProvider || provider.name === wantedProvider)
  const engine =
    wantedEngine ??
    enginePreference.find((each) => candidates.some((provider) => fits(provider, each)))
  const fitting =
    engine === undefined ? [] : candidates.filter((provider) => fits(provider, engine))
  const effective = { ...spec, engine: { ...spec.engine, type: engine } }
  const score = (provider: Provider) =>
    Math.max(
      -1,
      ...provider.rules.filter((rule) => rule.matches(effective)).map((rule) => rule.priority),
    )
  const [best] = fitting.toSorted((a, b) => score(b) - score(a) || (a.name < b.name ? -1 : 1))
  if (!best || engine === undefined) return 'no compatible provider found for this configuration'
  return {
    provider: best,
    isProviderExplicit: Boolean(spec.provider?.name),
    providerReason: spec.provider?.name
      ? 'explicit provider selection'
      : `matched capabilities: engine=${engine}, gpu=${hasGpu}, mode=${mode}`,
    engine,
    isEngineExplicit: Boolean(spec.engine?.type),
    engineReason: spec.engine?.type
      ? 'explicit engine selection'
      : `auto-selected from provider ${best.name} capabilities`,
  }
}
