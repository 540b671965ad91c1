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

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** A DNS subdomain (RFC 1123): what names most objects of Kubernetes. */
const DnsSubdomain = z
  .string()
  .max(253)
  .regex(subdomain, 'must be the name of an object: lower-case letters, digits, hyphens and dots')

export const ObjectName = DnsSubdomain

/** Of one that is there: older webhooks of the CRD refuse nothing that Kubernetes takes. */
export const DeploymentName = DnsSubdomain
export type DeploymentName = z.infer<typeof DeploymentName>

/** Of one that is to be made: the CRD's webhook refuses dots, and Services and labels are named after it. */
export const NewDeploymentName = DnsLabel

/** What tells a deployment from another one that had its name before: `metadata.uid`. */
export const DeploymentUid = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the uid of a deployment, as the hub shows it')
export type DeploymentUid = z.infer<typeof DeploymentUid>
