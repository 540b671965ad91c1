import { kubernetesYaml } from '@hub/shared'
import { stringify } from 'yaml'

/** As kubectl and API servers read it; each value whole, in one line. */
export function writeYaml(value: unknown): string {
  return stringify(value, { ...kubernetesYaml, lineWidth: 0, aliasDuplicateObjects: false })
}
