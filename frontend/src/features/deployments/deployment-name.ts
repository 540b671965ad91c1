// Runtimes append to the name (`-frontend`, `-raycluster-…`), and the result has to fit into 63 characters.
const nameLengthMax = 45

/** A deployment name made from a model id: `meta-llama/Llama-3.1-8B` becomes `llama-3-1-8b`. */
export function deriveDeploymentName(modelId: string): string {
  const basename = modelId.split('/').filter(Boolean).at(-1) ?? ''
  return basename
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, nameLengthMax)
    .replace(/-$/, '')
}
