// Writes the zips of every platform, their checksums and the package managers' manifests: `make release`.
//   --own         only this machine's
//   --to=FOLDER   instead of cli/dist
//   --base-url=…  where they are downloaded from
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkout } from './bun.ts'
import { nameOf, ownPlatform, platforms, type Built } from './platforms.ts'
import { buildZip, writeManifests } from './release-files.ts'

const { values } = parseArgs({
  options: {
    own: { type: 'boolean', default: false },
    to: { type: 'string', default: join(checkout, 'cli', 'dist') },
    'base-url': {
      type: 'string',
      default: 'https://github.com/togethercomputer/together-kubelogin/releases/latest/download',
    },
  },
})
const own = ownPlatform()
if (values.own && !own) {
  throw new Error(`Nothing is built for ${process.platform} on ${process.arch}.`)
}
const work = await mkdtemp(join(tmpdir(), 'hub-cli-release-'))
try {
  const built: Built[] = []
  // One at a time: each takes a hundred megabytes twice.
  for (const platform of values.own ? [own!] : platforms) {
    const zip = await buildZip(platform, values.to, join(work, nameOf(platform)))
    process.stdout.write(`${zip.sha256}  ${zip.file}\n`)
    built.push(zip)
    await rm(join(work, nameOf(platform)), { recursive: true, force: true })
  }
  if (!values.own) await writeManifests(built, values.to, values['base-url'])
} finally {
  await rm(work, { recursive: true, force: true })
}
