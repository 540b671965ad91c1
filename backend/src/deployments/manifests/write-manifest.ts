import type { DeploymentManifest, Manifest } from '@hub/shared'
import { writeYaml } from '#yaml'
import { versionOf } from './present-manifest.ts'
import { maskVariables } from './mask-variables.ts'

const maskedNote =
  '# Values of variables are left out: they are for those who may change the deployment.\n'

/** A manifest as YAML and as the command that applies it; without values of variables where it `isMasked`. */
export function writeManifest(
  uid: string | undefined,
  shown: Manifest,
  { isMasked }: { isMasked: boolean },
): DeploymentManifest {
  const manifest = isMasked ? maskVariables(shown) : shown
  const note = isMasked && JSON.stringify(manifest) !== JSON.stringify(shown) ? maskedNote : ''
  const yaml = `${note}${writeYaml(manifest)}`
  return {
    manifest,
    yaml,
    kubectl: `kubectl apply -f - <<'EOF'\n${yaml}EOF`,
    // Of what is shown: one of what is masked could be guessed at.
    version: versionOf(uid, manifest),
    isMasked,
  }
}
