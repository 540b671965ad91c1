import { dirname, join } from 'node:path'
import type { OutsideProviderInput } from '@hub/shared'
import type { OutsideProviderConfig } from '../outside-providers.ts'
import { parseHeaderText } from '../parsers.ts'
import { findProviderFault, readAddedProvider } from '../read-outside-providers.ts'
import { readNamedFile, type Source } from '../read-variables.ts'
import { formatPath } from './describe-issue.ts'
import { readRegularFile } from './read-regular-file.ts'

/** What the variables say, which the file stands beside. */
export type BesideFile = {
  source: Source
  /** The ids of their providers. */
  providers: readonly string[]
}

export type Mistake = { path: (string | number)[]; sentence: string }

const keyBytesMax = 64 * 1024

/** The file's providers with their keys, as they are now, and the paths of these. */
export function readFileProviders(
  inputs: readonly OutsideProviderInput[],
  file: string,
  beside: BesideFile,
): { providers: OutsideProviderConfig[]; keyFiles: string[]; mistakes: Mistake[] } {
  const mistakes: Mistake[] = []
  const providers: OutsideProviderConfig[] = []
  for (const [index, input] of inputs.entries()) {
    const note = (part: keyof OutsideProviderInput, words: string) => {
      const path = ['providers', index, part]
      mistakes.push({ path, sentence: `${formatPath(path)}${words}` })
    }
    const fault = findProviderFault(input)
    if (fault !== null) {
      note(fault.part, ` ${fault.words}.`)
    } else if (beside.providers.includes(input.id)) {
      note('id', ` is "${input.id}", as in GATEWAY_PROVIDERS; keep one of the two.`)
    } else {
      const told: string[] = []
      providers.push(readKeyed(input, file, { ...beside.source, mistakes: told }))
      for (const sentence of told) note(input.keyFile ? 'keyFile' : 'id', `: ${sentence}`)
    }
  }
  const keyFiles = inputs.flatMap(({ keyFile }) => (keyFile ? joinBeside(file, keyFile) : []))
  return { providers, keyFiles, mistakes }
}

function readKeyed(
  input: OutsideProviderInput,
  file: string,
  source: Source,
): OutsideProviderConfig {
  const added = readAddedProvider(source, input)
  const { keyFile } = input
  if (keyFile === undefined) return { ...added, file }
  const { mistakes, mode, warnings } = source
  if (added.apiKey !== null) mistakes.push(`${added.keyName} is set as well; keep one of the two.`)
  const path = joinBeside(file, keyFile)
  const apiKey = readNamedFile('It', path, { mistakes, readFile: readKeyFile }) ?? null
  if (apiKey !== null) parseHeaderText(apiKey, { name: path, mistakes, mode, warnings })
  return { ...added, apiKey, keyName: keyFile, file }
}

function joinBeside(file: string, name: string): string {
  return join(dirname(file), name)
}

function readKeyFile(path: string): string {
  const read = readRegularFile(path, keyBytesMax)
  if (typeof read === 'string') throw new Error(read)
  return new TextDecoder().decode(read.bytes)
}
