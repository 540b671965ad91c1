import { stringify } from 'yaml'
import type { Built } from './platforms.ts'

export type Release = { version: string; baseUrl: string; built: readonly Built[]; program: string }

const about = 'Signs you in at an OpenID provider, for kubectl'
const homepage = 'https://github.com/togethercomputer/together-kubelogin'

/** A Homebrew formula. */
export function renderHomebrew({ baseUrl, built, program, version }: Release): string {
  const lines = ['macos', 'linux'].flatMap((system) => {
    const os = system === 'macos' ? 'darwin' : 'linux'
    return [
      `  on_${system} do`,
      ...built
        .filter((each) => each.os === os)
        .flatMap(({ arch, file, sha256 }) => [
          `    on_${arch === 'amd64' ? 'intel' : 'arm'} do`,
          `      url "${baseUrl}/${file}"`,
          `      sha256 "${sha256}"`,
          '    end',
        ]),
      '  end',
      '',
    ]
  })
  return `class KubectlTogetherLogin < Formula
  desc "${about}"
  homepage "${homepage}"
  version "${version}"
  license "Apache-2.0"

${lines.join('\n')}
  def install
    bin.install "${program}"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/${program} version")
  end
end
`
}

/** A manifest of krew, kubectl's plugin manager. */
export function renderKrew({ baseUrl, built, program, version }: Release): string {
  return stringify({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'together-login' },
    spec: {
      version: `v${version}`,
      homepage,
      shortDescription: about,
      platforms: built.map(({ arch, file, os, sha256 }) => ({
        selector: { matchLabels: { os, arch } },
        uri: `${baseUrl}/${file}`,
        sha256,
        bin: os === 'windows' ? `${program}.exe` : program,
      })),
    },
  })
}

/** A manifest of scoop, for Windows. */
export function renderScoop({ baseUrl, built, program, version }: Release): string {
  const windows = built.filter(({ os }) => os === 'windows')
  const architecture = Object.fromEntries(
    windows.map(({ arch, file, sha256 }) => [
      arch === 'amd64' ? '64bit' : 'arm64',
      { url: `${baseUrl}/${file}`, hash: sha256 },
    ]),
  )
  const manifest = {
    version,
    description: about,
    homepage,
    license: 'Apache-2.0',
    architecture,
    bin: `${program}.exe`,
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}
