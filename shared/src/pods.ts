import * as z from 'zod'
import { Condition } from './deployments.ts'

/** A container as its kubelet last reported it; `since` is when it began to be so, where the cluster says it. */
const PodContainer = z.object({
  name: z.string(),
  isInit: z.boolean(),
  isReady: z.boolean(),
  state: z.enum(['waiting', 'running', 'terminated', 'unknown']),
  reason: z.string().nullable(),
  message: z.string().nullable(),
  exitCode: z.int().nullable(),
  restarts: z.int(),
  since: z.string().nullable(),
  /** How it ended the last time; null where it never did. */
  last: z
    .object({
      reason: z.string().nullable(),
      exitCode: z.int().nullable(),
      at: z.string().nullable(),
    })
    .nullable(),
})

/**
 * A pod of a deployment. `revision` tells pods of one version of its template from those of another; `why` says to people
 * what keeps it from running, null where nothing is known to.
 */
export const DeploymentPod = z.object({
  name: z.string(),
  uid: z.string(),
  node: z.string().nullable(),
  phase: z.string().nullable(),
  isReady: z.boolean(),
  isDeleting: z.boolean(),
  createdAt: z.string().nullable(),
  /** When a node took it. */
  scheduledAt: z.string().nullable(),
  revision: z.string().nullable(),
  resources: z.array(z.object({ resource: z.string(), count: z.int() })),
  containers: z.array(PodContainer),
  /** The scheduler's own words where no node takes it. */
  unscheduled: z.object({ reason: z.string(), message: z.string() }).nullable(),
  why: z.string().nullable(),
})
export type DeploymentPod = z.infer<typeof DeploymentPod>

/** `items` is null where pods may not be read, and `reason` says why. */
export const DeploymentPods = z.object({
  items: z.array(DeploymentPod).nullable(),
  reason: z.string().nullable(),
})
export type DeploymentPods = z.infer<typeof DeploymentPods>

/** Events that say the same of the same kind of object: `objects` names the first of these. */
const EventGroup = z.object({
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  kind: z.string(),
  objects: z.array(z.string()),
  count: z.int(),
  firstAt: z.string().nullable(),
  lastAt: z.string().nullable(),
})

/** The latest first. `more` says that the namespace has more events than were read, or more groups than are listed. */
export const DeploymentEvents = z.object({ items: z.array(EventGroup), more: z.boolean() })
export type DeploymentEvents = z.infer<typeof DeploymentEvents>

/** An object that a runtime made of a deployment; `status` is the YAML of what its controller wrote, null where it wrote nothing. */
const RuntimeObject = z.object({
  kind: z.string(),
  apiVersion: z.string(),
  name: z.string(),
  createdAt: z.string().nullable(),
  deletingSince: z.string().nullable(),
  conditions: z.array(Condition),
  status: z.string().nullable(),
})
export type RuntimeObject = z.infer<typeof RuntimeObject>

/** What a deployment's runtime made of it; where that cannot be shown, `reason` says why. */
export const RuntimeObjects = z.object({
  items: z.array(RuntimeObject),
  reason: z.string().nullable(),
})
export type RuntimeObjects = z.infer<typeof RuntimeObjects>
