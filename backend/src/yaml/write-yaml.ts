import { stringify } from 'yaml'

/** As kubectl and API servers read it: YAML 1.1, where `on` and `1_0` are no texts; each value whole, in one line. */
export function writeYaml(value: unknown): string {
  return stringify(value, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false })
}
