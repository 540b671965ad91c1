import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkout, runBun } from './bun.ts'
import { nameOf, ownPlatform, toBun, type Platform } from './platforms.ts'
import { signMachO } from './sign-macho.ts'

const workspaces = ['.', 'backend', 'frontend', 'shared', 'cli', 'demo', 'bench']

/** The program of one platform as one file, whole or not at all. */
export async function compileProgram(platform: Platform, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), 'hub-cli-build-'))
  const partial = `${file}.${process.pid}.partial`
  try {
    const isOwn = nameOf(platform) === nameOf(ownPlatform() ?? { os: 'linux', arch: 'amd64' })
    const source = isOwn ? join(checkout, 'cli') : await installFor(platform, folder)
    const built = join(folder, 'program')
    await runBun(
      [
        'build',
        '--compile',
        '--minify',
        '--bytecode',
        '--format=esm',
        `--target=${toBun(platform).target}`,
        // What lies in the folder that it is called from is none of its business.
        '--no-compile-autoload-dotenv',
        '--no-compile-autoload-bunfig',
        `--define=HUB_CLI_VERSION=${JSON.stringify(await readVersion())}`,
        `--outfile=${built}`,
        join(source, 'src', 'main.ts'),
      ],
      { cwd: folder },
    )
    await cp(platform.os === 'windows' ? `${built}.exe` : built, partial)
    if (platform.os === 'darwin') {
      await writeFile(partial, signMachO(await readFile(partial), 'kubectl-together_login'))
    }
    await rename(partial, file)
  } finally {
    await rm(partial, { force: true })
    await rm(folder, { recursive: true, force: true })
  }
}

export async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(checkout, 'cli', 'package.json'), 'utf8')) as {
    version: string
  }
  return version
}

/** Another platform's packages, which hold its part of the keyring, in a folder of their own. */
async function installFor(platform: Platform, folder: string): Promise<string> {
  for (const workspace of workspaces) {
    await mkdir(join(folder, workspace), { recursive: true })
    await cp(join(checkout, workspace, 'package.json'), join(folder, workspace, 'package.json'))
  }
  await cp(join(checkout, 'bun.lock'), join(folder, 'bun.lock'))
  await cp(join(checkout, 'patches'), join(folder, 'patches'), { recursive: true })
  await cp(join(checkout, 'cli', 'src'), join(folder, 'cli', 'src'), { recursive: true })
  const { cpu, os } = toBun(platform)
  await runBun(
    [
      'install',
      '--frozen-lockfile',
      '--production',
      '--ignore-scripts',
      '--filter=@hub/cli',
      `--os=${os}`,
      `--cpu=${cpu}`,
    ],
    { cwd: folder },
  )
  return join(folder, 'cli')
}
