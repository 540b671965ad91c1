import type { DocumentOptions, ParseOptions, SchemaOptions } from 'yaml'

/** How YAML of strangers is parsed: JSON's values, no merge keys, tags known to nobody. */
export const strictYaml = {
  // A pretty error would quote the line, and with it a secret.
  prettyErrors: false,
  schema: 'core',
  merge: false,
  // The library compares each key with every other: whoever reads looks for keys that stand twice by itself.
  uniqueKeys: false,
  stringKeys: true,
  resolveKnownTags: false,
  logLevel: 'error',
} as const satisfies ParseOptions & DocumentOptions & SchemaOptions
