export type Platform = { os: 'linux' | 'darwin' | 'windows'; arch: 'amd64' | 'arm64' }

export type Built = Platform & { file: string; sha256: string }

export const platforms: readonly Platform[] = (['linux', 'darwin', 'windows'] as const).flatMap(
  (os) => (['amd64', 'arm64'] as const).map((arch) => ({ os, arch })),
)

/** As Go and the file names call this machine; null for one that nothing is built for. */
export function ownPlatform(): Platform | null {
  const os = process.platform === 'win32' ? 'windows' : process.platform
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  return platforms.find((each) => each.os === os && each.arch === arch) ?? null
}

export function nameOf({ arch, os }: Platform): string {
  return `${os}_${arch}`
}

/** As npm and Bun call it. */
export function toBun({ arch, os }: Platform): { os: string; cpu: string; target: string } {
  const cpu = arch === 'amd64' ? 'x64' : arch
  return { os: os === 'windows' ? 'win32' : os, cpu, target: `bun-${os}-${cpu}` }
}
