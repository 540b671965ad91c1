import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import { Zip, type ZipInputFile } from 'fflate'
import { compileProgram, readVersion } from './compile.ts'
import { renderHomebrew, renderKrew, renderScoop } from './manifests.ts'
import { nameOf, type Built, type Platform } from './platforms.ts'

const program = 'kubectl-together_login'
/** What a zip says of its file's time: the same program makes the same checksum. */
const builtAt = '2026-01-01T00:00:00Z'

/** Each platform's program as a zip with its checksum, by the names that people download. */
export async function buildZip(platform: Platform, folder: string, work: string): Promise<Built> {
  const ending = platform.os === 'windows' ? '.exe' : ''
  const compiled = join(work, nameOf(platform), `${program}${ending}`)
  await compileProgram(platform, compiled)
  const bytes = await pack(`${program}${ending}`, await readFile(compiled))
  const file = `${program}_${nameOf(platform)}.zip`
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await mkdir(folder, { recursive: true })
  // The checksum last: where it is, the zip is whole.
  await writeFile(join(folder, file), bytes)
  await writeFile(join(folder, `${file}.sha256`), `${sha256}  ${file}\n`)
  return { ...platform, file, sha256 }
}

/** What package managers read. */
export async function writeManifests(
  built: readonly Built[],
  folder: string,
  baseUrl: string,
): Promise<void> {
  const release = { version: await readVersion(), baseUrl, built, program }
  await writeFile(join(folder, `${program}.rb`), renderHomebrew(release))
  await writeFile(join(folder, 'together-login.yaml'), renderKrew(release))
  await writeFile(join(folder, `${program}.json`), renderScoop(release))
}

/** The deflating is Node's own, which takes half as long as a script's. */
async function pack(name: string, bytes: Uint8Array): Promise<Uint8Array> {
  const deflated = await promisify(deflateRaw)(bytes, { level: 6 })
  const chunks: Uint8Array[] = []
  const zipped = new Zip((error, chunk) => {
    if (error) throw error
    chunks.push(chunk)
  })
  const entry: ZipInputFile = {
    filename: name,
    size: bytes.length,
    crc: crc32(bytes),
    compression: 8,
    mtime: builtAt,
    // Made on unix, and may be run.
    os: 3,
    attrs: (0o100755 << 16) >>> 0,
  }
  zipped.add(entry)
  entry.ondata!(null, deflated, true)
  zipped.end()
  return Buffer.concat(chunks)
}
