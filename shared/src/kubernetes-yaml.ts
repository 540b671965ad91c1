/** DEL to U+009F, line and paragraph separators, and what is no character: to a reader of YAML 1.1 line ends, or mistakes. */
const odd = /[\u007F-\u009F\u2028\u2029\uFFFE\uFFFF]/

const oddText = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value: unknown) => typeof value === 'string' && odd.test(value),
  resolve: (text: string) => text,
  stringify: ({ value }: { value: unknown }) =>
    JSON.stringify(value).replaceAll(
      new RegExp(odd, 'g'),
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
}

/**
 * Options of the package yaml for what kubectl and API servers read. They go by YAML 1.1, where `on` and `1_0` are no texts,
 * and U+2028 ends a line.
 */
export const kubernetesYaml = {
  compat: 'yaml-1.1',
  customTags: <Tag>(tags: Tag[]) => [oddText, ...tags],
} as const
