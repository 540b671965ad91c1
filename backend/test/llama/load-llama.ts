/** A model that is loaded; one answer at a time. */
export type Llama = {
  complete(
    prompt: string,
    options: { tokensMax: number; signal: AbortSignal; onText: (text: string) => void },
  ): Promise<{ text: string; tokens: number; promptTokens: number }>
}

/** What is used of node-llama-cpp, which is no dependency of the project's. */
type Library = {
  getLlama(options: object): Promise<{ loadModel(options: object): Promise<Model> }>
  LlamaCompletion: new (options: { contextSequence: Sequence }) => {
    generateCompletion(prompt: string, options: object): Promise<string>
  }
}
type Sequence = { clearHistory(): Promise<void> }
type Model = {
  tokenize(text: string): unknown[]
  createContext(options: object): Promise<{ getSequence(): Sequence }>
}

/** Of a GGUF file, by the library at this address. */
export async function loadLlama(library: string, file: string): Promise<Llama> {
  const { getLlama, LlamaCompletion } = (await import(library)) as Library
  const engine = await getLlama({ build: 'never', gpu: false, logLevel: 'error' })
  const model = await engine.loadModel({ modelPath: file })
  const context = await model.createContext({ contextSize: 2048, threads: 1 })
  const sequence = context.getSequence()
  const completion = new LlamaCompletion({ contextSequence: sequence })
  let last: Promise<unknown> = Promise.resolve()
  return {
    complete: async (prompt, { onText, signal, tokensMax }) => {
      let tokens = 0
      const run = async () => {
        if (signal.aborted) return ''
        await sequence.clearHistory()
        return completion.generateCompletion(prompt, {
          maxTokens: tokensMax,
          temperature: 0.8,
          seed: 1,
          signal,
          stopOnAbortSignal: true,
          onToken: (more: unknown[]) => (tokens += more.length),
          onTextChunk: onText,
        })
      }
      const running = last.then(run)
      last = running.catch(() => undefined)
      const text = await running
      return { text, tokens, promptTokens: model.tokenize(prompt).length }
    },
  }
}
