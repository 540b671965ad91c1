import * as z from 'zod'
import { InstanceStatus } from './instances.ts'
import { InstanceId } from './names.ts'

/**
 * One file of the credentials directory, for administrators; what is in it is never shown.
 * `accepted` serves; `rejected` does not, and an older good version may serve in its place; `resting` leads to another
 * cluster than before, or to one that cannot be told from another, and waits for an administrator's confirmation.
 */
export const Credential = z.object({
  file: z.string(),
  instance: InstanceId.nullable(),
  state: z.enum(['accepted', 'rejected', 'resting']),
  reason: z.string().nullable(),
  fix: z.string().nullable(),
  warnings: z.array(z.string()),
  since: z.iso.datetime(),
  /** How the cluster does that it leads to; null where it leads nowhere. */
  cluster: InstanceStatus.pick({ state: true, reason: true }).nullable(),
  /** When the token or client certificate ends; null where neither says so. */
  expiresAt: z.iso.datetime().nullable(),
})
export type Credential = z.infer<typeof Credential>

/** `directory.writable` is false where credentials are mounted; `problem` says why the directory cannot be read. */
export const CredentialList = z.object({
  items: z.array(Credential),
  directory: z.object({ path: z.string(), writable: z.boolean(), problem: z.string().nullable() }),
})
export type CredentialList = z.infer<typeof CredentialList>

/** `kubeconfig` is YAML or JSON text, at most 1 MiB. */
export const PutCredentialInput = z.strictObject({ kubeconfig: z.string().min(1, 'is empty') })
export type PutCredentialInput = z.infer<typeof PutCredentialInput>
