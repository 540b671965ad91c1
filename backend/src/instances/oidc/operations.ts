import {
  ClusterBindingList,
  ClusterSignIn,
  InstanceId,
  MadeBinding,
  NamespaceName,
  ObjectName,
  OidcBinding,
  OidcBindingQuery,
  OidcChecks,
  OidcKubeconfig,
  OidcProfile,
  OidcProfileInput,
  OidcProviderQuery,
  OidcProviderSide,
  OidcSetup,
  SameClusterList,
  SignInLink,
} from '@hub/shared'
import * as z from 'zod'
import type { Clock } from '#context'
import { AppError } from '#errors'
import { clusterProblems } from '#kube'
import { defineOperation, DryRun } from '#operation'
import { authorize } from '#rbac'
import { requireInstance } from '../get-instance.ts'
import type { InstanceDeps } from '../list-instances.ts'
import { createBinding, deleteBinding, listBindings } from './bindings.ts'
import { describeBinding } from './describe-binding.ts'
import { listSameCluster } from './compare-profiles.ts'
import { describeProviderSide, describeSetup } from './describe-setup.ts'
import { findSignIn } from './find-sign-in.ts'
import { deleteProfile, getProfile, putProfile, type ProfileDeps } from './profiles.ts'
import type { SignInLinks } from './sign-in-links.ts'
import { verifyIssuer } from './verify-issuer.ts'
import { writeKubeconfig } from './write-kubeconfig.ts'

export type OidcDeps = InstanceDeps &
  ProfileDeps & {
    fetch: typeof fetch
    now: Clock
    allowLoopback: boolean
    signInLinks: SignInLinks
  }

const InstancePath = z.object({ instance: InstanceId })
const managed = { permission: 'instance.manage', scope: 'instance' } as const
const seen = { permission: 'instance.view', scope: 'instance' } as const

export const oidcOperations = [
  defineOperation({
    id: 'getOidcProfile',
    tag: 'Instances',
    summary: 'How people sign in to a cluster itself',
    policy: seen,
    effect: 'read',
    tool: { none: "A cluster's own sign-in is set up by people." },
    input: { path: InstancePath },
    output: OidcProfile,
    http: { method: 'get', path: '/api/instances/:instance/oidc', status: 200 },
    run: (ctx, deps: OidcDeps, { path }) => getProfile(ctx, deps, path.instance),
  }),
  defineOperation({
    id: 'putOidcProfile',
    tag: 'Instances',
    summary: 'Say how people sign in to a cluster itself',
    policy: { ...managed, isFresh: true },
    effect: 'write',
    tool: { none: "A cluster's own sign-in is set up by people." },
    input: { path: InstancePath, body: OidcProfileInput },
    output: OidcProfile,
    problems: ['conflict'],
    http: { method: 'put', path: '/api/instances/:instance/oidc', status: 200 },
    run: (ctx, deps: OidcDeps, { body, path }) => putProfile(ctx, deps, path.instance, body),
  }),
  defineOperation({
    id: 'deleteOidcProfile',
    tag: 'Instances',
    summary: 'Forget how people sign in to a cluster itself',
    policy: { ...managed, isFresh: true },
    effect: 'write',
    tool: { none: "A cluster's own sign-in is set up by people." },
    input: { path: InstancePath },
    output: null,
    problems: ['conflict'],
    http: { method: 'delete', path: '/api/instances/:instance/oidc', status: 204 },
    run: (ctx, deps: OidcDeps, { path }) => deleteProfile(ctx, deps, path.instance),
  }),
  defineOperation({
    id: 'verifyOidcProfile',
    tag: 'Instances',
    summary: 'Check an issuer as a cluster would',
    description: 'Of the profile that is sent; nothing is kept.',
    policy: managed,
    effect: 'write',
    tool: { none: "A cluster's own sign-in is set up by people." },
    input: { path: InstancePath, body: OidcProfileInput },
    output: OidcChecks,
    http: { method: 'post', path: '/api/instances/:instance/oidc/verify', status: 200 },
    run(ctx, deps: OidcDeps, { body, path }) {
      authorize(ctx, 'instance.manage', { instance: path.instance, namespace: null })
      requireInstance(ctx, deps, path.instance)
      return verifyIssuer(body, deps)
    },
  }),
  defineOperation({
    id: 'describeOidcProvider',
    tag: 'Instances',
    summary: "What the identity provider's client for a cluster has to have",
    description: 'Of a profile that is being typed; nothing is asked of the provider.',
    policy: managed,
    effect: 'read',
    tool: { none: "A cluster's own sign-in is set up by people." },
    input: { path: InstancePath, query: OidcProviderQuery },
    output: OidcProviderSide,
    http: { method: 'get', path: '/api/instances/:instance/oidc/provider', status: 200 },
    run(ctx, deps: OidcDeps, { path, query }) {
      authorize(ctx, 'instance.manage', { instance: path.instance, namespace: null })
      requireInstance(ctx, deps, path.instance)
      const { extraScopes = '', needsSecret, ...profile } = query
      return describeProviderSide({
        ...profile,
        needsSecret: needsSecret === 'true',
        extraScopes: extraScopes.split(' ').filter((scope) => scope !== ''),
      })
    },
  }),
  defineOperation({
    id: 'listSameCluster',
    tag: 'Instances',
    summary: 'Other instances that are the same cluster, and whether people sign in there alike',
    policy: managed,
    effect: 'read',
    tool: { none: "A cluster's own sign-in is set up by people." },
    input: { path: InstancePath },
    output: SameClusterList,
    http: { method: 'get', path: '/api/instances/:instance/oidc/same-cluster', status: 200 },
    run(ctx, deps: OidcDeps, { path }) {
      authorize(ctx, 'instance.manage', { instance: path.instance, namespace: null })
      return listSameCluster(ctx, deps, path.instance)
    },
  }),
  defineOperation({
    id: 'getOidcSetup',
    tag: 'Instances',
    summary: "What the identity provider and the cluster's API server are told",
    policy: managed,
    effect: 'read',
    tool: { none: "A cluster's own sign-in is set up by people." },
    input: { path: InstancePath },
    output: OidcSetup,
    http: { method: 'get', path: '/api/instances/:instance/oidc/setup', status: 200 },
    async run(ctx, deps: OidcDeps, { path }) {
      authorize(ctx, 'instance.manage', { instance: path.instance, namespace: null })
      return describeSetup(await getProfile(ctx, deps, path.instance))
    },
  }),
  defineOperation({
    id: 'describeBinding',
    tag: 'Instances',
    summary: 'A role on the cluster for somebody, as commands',
    description: 'The hub changes nothing: whoever administers the cluster runs them.',
    policy: managed,
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: InstancePath, query: OidcBindingQuery },
    output: OidcBinding,
    http: { method: 'get', path: '/api/instances/:instance/bindings/commands', status: 200 },
    async run(ctx, deps: OidcDeps, { path, query }) {
      authorize(ctx, 'instance.manage', { instance: path.instance, namespace: null })
      return describeBinding(await getProfile(ctx, deps, path.instance), query)
    },
  }),
  defineOperation({
    id: 'listBindings',
    tag: 'Instances',
    summary: 'The bindings that the hub made on a cluster',
    policy: managed,
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: InstancePath },
    output: ClusterBindingList,
    problems: clusterProblems,
    http: { method: 'get', path: '/api/instances/:instance/bindings', status: 200 },
    run: (ctx, deps: OidcDeps, { path }) => listBindings(ctx, deps, path.instance),
  }),
  defineOperation({
    id: 'createBinding',
    tag: 'Instances',
    summary: 'Bind somebody to a role on the cluster itself',
    description:
      'By the hub, where the cluster lets it (deploy/kubernetes/instance-rbac-bindings), and never to cluster-admin. With `dryRun=All` the cluster checks it and keeps nothing.',
    policy: { ...managed, isFresh: true },
    effect: 'write',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: {
      path: InstancePath,
      query: z.strictObject({ dryRun: DryRun }),
      body: OidcBindingQuery,
    },
    output: MadeBinding,
    problems: ['conflict', 'invalid-request', ...clusterProblems],
    http: { method: 'post', path: '/api/instances/:instance/bindings', status: 201 },
    run: (ctx, deps: OidcDeps, { body, path, query }) =>
      createBinding(ctx, deps, path.instance, body, { isDryRun: query.dryRun === 'All' }),
  }),
  defineOperation({
    id: 'deleteBinding',
    tag: 'Instances',
    summary: 'Take a binding that the hub made off the cluster',
    description:
      'What it allowed ends at once; tokens that were issued stay valid until they expire.',
    policy: { ...managed, isFresh: true },
    effect: 'destructive',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: {
      path: InstancePath.extend({ binding: ObjectName }),
      query: z.strictObject({ namespace: NamespaceName.optional() }),
    },
    output: null,
    problems: ['conflict', ...clusterProblems],
    http: { method: 'delete', path: '/api/instances/:instance/bindings/:binding', status: 204 },
    run: (ctx, deps: OidcDeps, { path, query }) =>
      deleteBinding(ctx, deps, path.instance, {
        name: path.binding,
        namespace: query.namespace,
      }),
  }),
  defineOperation({
    id: 'getOidcKubeconfig',
    tag: 'Instances',
    summary: 'A kubeconfig for signing in to a cluster oneself',
    description: 'It holds no credential: kubectl signs in by the plugin of this hub.',
    policy: seen,
    effect: 'read',
    tool: { none: "For a person's own kubectl." },
    input: { path: InstancePath },
    output: OidcKubeconfig,
    problems: ['instance-not-ready'],
    http: { method: 'get', path: '/api/instances/:instance/kubeconfig', status: 200 },
    async run(ctx, deps: OidcDeps, { path }) {
      const profile = await getProfile(ctx, deps, path.instance)
      const { endpoint } = requireInstance(ctx, deps, path.instance)
      if (endpoint === null) {
        throw new AppError('instance-not-ready', {
          detail: `The hub has no good credential of instance "${path.instance}", and does not know where its cluster is.`,
        })
      }
      const link = deps.signInLinks.of(path.instance)
      return { ...writeKubeconfig(path.instance, profile, endpoint), link }
    },
  }),
  defineOperation({
    id: 'findClusterSignIn',
    tag: 'Instances',
    summary:
      "How kubectl's plugin signs in to a cluster, for whoever holds the link of its sign-in",
    description:
      "For people who are not signed in yet. The link is in each instance's `kubeconfig`; without it, an instance answers as one that does not exist.",
    policy: 'public',
    effect: 'read',
    tool: { none: "For kubectl's plugin." },
    input: { path: InstancePath, query: z.strictObject({ link: SignInLink }) },
    output: ClusterSignIn,
    problems: ['not-found'],
    http: { method: 'get', path: '/api/instances/:instance/sign-in', status: 200 },
    run: (ctx, deps: OidcDeps, { path, query }) =>
      findSignIn(ctx, deps, { instance: path.instance, link: query.link }),
  }),
] as const
