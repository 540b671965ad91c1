// Writes this machine's own program: `make build`.
import { join } from 'node:path'
import { checkout } from './bun.ts'
import { compileProgram } from './compile.ts'
import { ownPlatform } from './platforms.ts'

const platform = ownPlatform()
if (!platform) throw new Error(`Nothing is built for ${process.platform} on ${process.arch}.`)
const file = process.argv[2] ?? join(checkout, 'cli', 'bin', 'kubelogin')
await compileProgram(platform, file)
process.stdout.write(`${file}\n`)
