import * as z from 'zod'
import { dnsLabel } from './sets.ts'

const dnsLabelRule =
  'must be 1 to 63 lower-case letters, digits or hyphens, and start and end with a letter or digit'

/** A DNS label (RFC 1123 §2.1): what names an instance, a namespace and a deployment. */
const DnsLabel = z.string().regex(dnsLabel, dnsLabelRule)

/** The id of a registered cluster: the name of its credential file without the extension. */
export const InstanceId = DnsLabel
export type InstanceId = z.infer<typeof InstanceId>

export const NamespaceName = DnsLabel
export type NamespaceName = z.infer<typeof NamespaceName>

/** The CRD's webhook refuses dots, which leaves a DNS label out of Kubernetes' subdomain rule. */
export const DeploymentName = DnsLabel
export type DeploymentName = z.infer<typeof DeploymentName>

/** What tells a deployment from another one that had its name before: `metadata.uid`. */
export const DeploymentUid = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the uid of a deployment, as the hub shows it')
export type DeploymentUid = z.infer<typeof DeploymentUid>
