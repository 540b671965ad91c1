import type { Engine } from '@hub/shared'

export const engineNames: Record<Engine, string> = {
  vllm: 'vLLM',
  sglang: 'SGLang',
  trtllm: 'TensorRT-LLM',
  llamacpp: 'llama.cpp',
}

/** The name of an engine as its makers spell it; one this page does not know stays as it is. */
export function nameEngine(engine: string): string {
  return engine in engineNames ? engineNames[engine as Engine] : engine
}
