import type { TestProject } from 'vitest/node'
import { lendControlPlanes } from './lend-control-planes.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Lends the real control planes of this run; null where there are none. */
    controlPlanesUrl: string | null
  }
}

/** Real control planes for the whole run, started as they are asked for. */
// oxlint-disable-next-line import/no-default-export -- what Vitest calls
export default async function provideControlPlanes(
  project: TestProject,
): Promise<() => Promise<void>> {
  const assets = process.env['KUBEBUILDER_ASSETS']
  const lender = assets ? await lendControlPlanes(assets) : null
  project.provide('controlPlanesUrl', lender?.url ?? null)
  return async () => lender?.stop()
}
