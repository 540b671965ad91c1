import type { KubeObject } from '../objects.ts'
import type { PretendModel } from './answer-as-model.ts'
import { createBackgroundTraffic } from './background-traffic.ts'
import { createModelLoad } from './model-load.ts'

/** What a pod would serve, as its arguments say; with `traffic` at a person's pace, and asked by others too. */
export function createModel(
  { metadata, spec }: KubeObject,
  { key, traffic }: { key: string; traffic: boolean },
): PretendModel {
  const args: string[] = spec.containers[0]?.args ?? []
  const of = (name: string) => args[args.indexOf(name) + 1]
  const id = args.includes('--served-model-name')
    ? of('--served-model-name')!
    : (args.includes('--model') ? of('--model')! : metadata.name).split('/').at(-1)!
  return {
    id,
    load: createModelLoad(),
    ...(traffic && { wordMs: 30, traffic: createBackgroundTraffic(key) }),
  }
}
