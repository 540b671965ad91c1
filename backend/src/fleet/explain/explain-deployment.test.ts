import { DeploymentState, deploymentStates, statusOfDeployment } from '@hub/shared'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '#kube'
import { stateSources } from '../../../test/state-sources.ts'
import { readDeployment } from '../read-deployment.ts'
import { readObjectFacts } from '../read-object-facts.ts'
import { readPod } from '../read-pod.ts'
import { readQuota } from '../read-quota.ts'
import { readWarning } from '../read-warning.ts'
import { readRuntime } from '../runtimes.ts'
import { explainDeployment } from './explain-deployment.ts'
import { nothingLive, type ExplainFacts, type Explanation, type LiveFacts } from './facts.ts'

const now = Date.parse('2026-06-01T12:00:00Z')
const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString()
const gpu = 'nvidia.com/gpu'

const quotaExceeded =
  'Error creating: pods "llama-x" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=2, limited: requests.nvidia.com/gpu=2'

type Objects = {
  deployment: KubeObject
  pods?: KubeObject[]
  runtimes?: KubeObject[] | null
  quotas?: KubeObject[]
  events?: KubeObject[]
  room?: ReturnType<LiveFacts['roomFor']>
  /** A node. */
  down?: string
}

type Row = [
  words: string,
  objects: Objects,
  state: DeploymentState,
  sentence: RegExp,
  evidence: RegExp | null,
  next: RegExp,
]

const rows: Row[] = [
  [
    'all ready',
    { deployment: md(), pods: [ready('a'), ready('b')] },
    'running',
    /^All 2 replicas run\.$/,
    /status\.phase/,
    /^$/,
  ],
  [
    'pods ready before the phase says so',
    { deployment: md({ phase: 'Deploying' }), pods: [ready('a'), ready('b')] },
    'running',
    /All 2/,
    null,
    /^$/,
  ],
  [
    'pods of a Ray cluster, of which ready says little',
    {
      deployment: md({ phase: 'Deploying', runtime: 'kuberay' }),
      pods: [ready('a'), ready('b')],
      runtimes: [runtime('kuberay')],
    },
    'starting',
    /waiting for pods/,
    null,
    /Nothing to do/,
  ],
  [
    'scaled to none, which the runtime ignores',
    { deployment: md({ replicas: 0 }), pods: [ready('a')] },
    'running',
    /No replica is asked for, and 1 runs still/,
    null,
    /delete/,
  ],
  [
    'paused while all runs',
    { deployment: md({ paused: true }), pods: [ready('a'), ready('b')] },
    'running',
    /It is paused: changes take no effect/,
    null,
    /^$/,
  ],
  [
    'paused with a change to come',
    { deployment: md({ paused: true, generation: 3 }), pods: [ready('a'), ready('b')] },
    'paused',
    /its controllers leave it alone, and all 2 replicas run/,
    /2 of 3/,
    /Resume/,
  ],
  [
    '16 of 20 for lack of GPUs',
    {
      deployment: md({ replicas: 20 }),
      pods: [...some(16, ready), ...some(4, unplaced)],
      room: { largestNode: 8, largestFree: 0, free: 0 },
    },
    'partly-running',
    /^16 of 20 replicas run; it waits for GPUs: it needs 1 of nvidia\.com\/gpu on one node, and the largest free block is 0\./,
    /PodScheduled.*Insufficient/,
    /1 more come free/,
  ],
  [
    'one replica missing, and nobody says why',
    { deployment: md(), pods: [ready('a')] },
    'partly-running',
    /1 of 2 replicas runs, and nothing says why/,
    /pods|replicas/,
    /pods and events/,
  ],
  [
    'more GPUs than a node has',
    {
      deployment: md({ replicas: 1, gpus: 16, phase: 'Deploying' }),
      pods: [unplaced('a', 16)],
      room: { largestNode: 8, largestFree: 8, free: 64 },
    },
    'waiting-for-gpus',
    /needs 16 of nvidia\.com\/gpu on one node, and the largest free block is 8\./,
    /Insufficient/,
    /the largest has 8\. Ask for at most 8/,
  ],
  [
    'GPUs that are free apart from each other',
    {
      deployment: md({ replicas: 1, gpus: 4, phase: 'Deploying' }),
      pods: [unplaced('a', 4)],
      room: { largestNode: 8, largestFree: 3, free: 6 },
    },
    'waiting-for-gpus',
    /largest free block is 3/,
    null,
    /6 are free, but not together: it starts by itself once 1 more/,
  ],
  [
    'a Failed that only waits for GPUs',
    {
      deployment: md({
        replicas: 1,
        phase: 'Failed',
        message: 'ReplicaSet has timed out progressing.',
      }),
      pods: [unplaced('a')],
    },
    'waiting-for-gpus',
    /waits for GPUs/,
    null,
    /by itself/,
  ],
  [
    'a taint on the only nodes',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [
        unplaced(
          'a',
          1,
          '0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) had untolerated taint {dedicated: one-team}.',
        ),
      ],
    },
    'waiting-for-gpus',
    /taint dedicated/,
    null,
    /by itself/,
  ],
  [
    'no memory',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [unplaced('a', 1, '0/2 nodes are available: 2 Insufficient memory.')],
    },
    'waiting-for-node',
    /no node takes it: 0\/2 nodes/i,
    null,
    /less memory/,
  ],
  [
    'no claim',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [
        unplaced('a', 1, '0/2 nodes are available: persistentvolumeclaim "models" not found.'),
      ],
    },
    'volume-missing',
    /persistentvolumeclaim "models" not found/,
    null,
    /volume claim/,
  ],
  [
    'a volume that cannot be mounted',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [creating('a')],
      events: [
        event('Pod', 'a', 'FailedMount', 'MountVolume.SetUp failed for volume "models": timed out'),
      ],
    },
    'volume-missing',
    /cannot be mounted/,
    /FailedMount/,
    /storage class/,
  ],
  [
    'a mounted secret that is missing',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [creating('a')],
      events: [
        event(
          'Pod',
          'a',
          'FailedMount',
          'MountVolume.SetUp failed for volume "token" : secret "hf" not found',
        ),
      ],
    },
    'secret-missing',
    /there is no Secret hf in namespace team-a/,
    /FailedMount/,
    /Create Secret hf/,
  ],
  [
    'the token of a gated model',
    {
      deployment: md({ replicas: 1, phase: 'Deploying', tokenSecret: 'hf' }),
      pods: [waiting('a', 'CreateContainerConfigError', 'secret "hf" not found')],
    },
    'secret-missing',
    /the token for its gated model is missing: there is no Secret hf/i,
    /CreateContainerConfigError/,
    /key HF_TOKEN/,
  ],
  [
    'a key that is missing',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [
        waiting(
          'a',
          'CreateContainerConfigError',
          "couldn't find key HF_TOKEN in Secret team-a/hf",
        ),
      ],
    },
    'secret-missing',
    /no key HF_TOKEN in Secret hf/,
    null,
    /with key HF_TOKEN/,
  ],
  [
    'another fault of the configuration',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [waiting('a', 'CreateContainerConfigError', 'configmap "x" not found')],
    },
    'failed',
    /configmap "x" not found/,
    null,
    /Fix/,
  ],
  [
    'an image that is not there',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [waiting('a', 'ImagePullBackOff', 'Back-off pulling image "x:y"')],
    },
    'image-not-pulled',
    /image of container vllm cannot be pulled: Back-off pulling image "x:y"\.$/,
    /ImagePullBackOff/,
    /pull secret/,
  ],
  [
    'out of memory',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [crashed('a', 4, 137, 'OOMKilled')],
    },
    'crashing',
    /crashes \(exit 137, out of memory; 4 restarts\)/,
    /exit code 137/,
    /more memory/,
  ],
  [
    'a crash loop of one of two',
    { deployment: md(), pods: [ready('a'), crashed('b', 7, 1, 'Error')] },
    'crashing',
    /^1 of 2 replicas runs, and container vllm crashes \(exit 1; 7 restarts\)/,
    null,
    /log/,
  ],
  [
    'a crash, between two restarts',
    { deployment: md({ replicas: 1, phase: 'Deploying' }), pods: [running('a', 3, 1)] },
    'crashing',
    /exit 1; 3 restarts/,
    null,
    /log/,
  ],
  [
    'a pod that was evicted',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [
        {
          ...pod('a'),
          status: {
            phase: 'Failed',
            reason: 'Evicted',
            message: 'The node was low on resource: memory.',
          },
        },
      ],
    },
    'failed',
    /Evicted/,
    null,
    /another one/,
  ],
  [
    'a quota that is used up',
    {
      deployment: md({ replicas: 3 }),
      pods: [ready('a'), ready('b')],
      quotas: [quota('8', '8')],
      events: [exceeded('llama-old')],
    },
    'partly-running',
    /2 of 3 replicas run; quota gpus of namespace team-a is used up: 8 of 8 nvidia\.com\/gpu/,
    /FailedCreate/,
    /larger quota/,
  ],
  [
    'a quota, and nothing yet',
    { deployment: md({ phase: 'Deploying', ready: 0 }), pods: [], events: [exceeded('llama-abc')] },
    'quota-used-up',
    /quota gpus of namespace team-a is used up: 2 of 2/i,
    /FailedCreate/,
    /Scale down/,
  ],
  [
    'a quota where warnings may not be read',
    { deployment: md({ phase: 'Deploying', ready: 0 }), pods: [], quotas: [quota('2', '2')] },
    'quota-used-up',
    /2 of 2 nvidia/,
    /ResourceQuota gpus/,
    /Scale down/,
  ],
  [
    'a quota that is full and counts pods of one priority alone',
    {
      deployment: md({ phase: 'Deploying', ready: 0 }),
      pods: [],
      quotas: [{ ...quota('2', '2'), spec: { scopes: ['PriorityClass'] } }],
    },
    'starting',
    /waiting for pods/,
    null,
    /Nothing to do/,
  ],
  [
    'a quota in thousands that has room',
    {
      deployment: md({ phase: 'Deploying', ready: 0 }),
      pods: [],
      quotas: [quota('999', '1k')],
    },
    'starting',
    /waiting for pods/,
    null,
    /Nothing to do/,
  ],
  [
    'a policy that refuses its pods',
    {
      deployment: md({ phase: 'Deploying', ready: 0 }),
      pods: [],
      events: [
        event(
          'ReplicaSet',
          'llama-abc',
          'FailedCreate',
          'Error creating: pods "x" is forbidden: violates PodSecurity',
        ),
      ],
    },
    'failed',
    /pods cannot be made: pods "x" is forbidden/,
    null,
    /policy/,
  ],
  [
    'a quota that was used up before the latest change',
    {
      deployment: md({ changed: 10 }),
      pods: [ready('a'), ready('b')],
      events: [exceeded('llama-new', 60)],
    },
    'running',
    /All 2/,
    null,
    /^$/,
  ],
  [
    'an update that a quota holds up',
    {
      deployment: md({ changed: 60 }),
      pods: [ready('a'), ready('b')],
      events: [exceeded('llama-new', 5)],
    },
    'update-blocked',
    /half applied: 2 replicas of the version before serve on.*quota gpus/,
    /FailedCreate/,
    /take the change back/,
  ],
  [
    'an update whose image is not there',
    {
      deployment: md(),
      pods: [
        ready('a'),
        ready('b'),
        { ...waiting('c', 'ErrImagePull', 'not found'), metadata: { ...pod('c', 'new').metadata } },
      ],
    },
    'update-blocked',
    /half applied.*cannot be pulled/,
    /ErrImagePull/,
    /take the change back/,
  ],
  [
    'a model on its way',
    {
      deployment: md({
        phase: 'Pending',
        ready: 0,
        conditions: [
          condition('ModelDownloaded', 'DownloadInProgress', 'Model download in progress', 200),
        ],
      }),
      pods: [],
    },
    'downloading-model',
    /^The model is being downloaded, for 3 min now\.$/,
    /DownloadInProgress/,
    /does not say how far/,
  ],
  [
    'a download that failed',
    {
      deployment: md({
        phase: 'Pending',
        ready: 0,
        conditions: [condition('ModelDownloaded', 'DownloadFailed', '401', 200)],
      }),
      pods: [],
    },
    'failed',
    /download of its model failed: 401/,
    null,
    /log/,
  ],
  [
    'claims that are not bound',
    {
      deployment: md({
        phase: 'Pending',
        ready: 0,
        conditions: [condition('StorageReady', 'PVCsPending', 'Waiting for PVCs to be bound', 30)],
      }),
      pods: [],
    },
    'volume-missing',
    /volumes are not ready, for 30 s now: Waiting for PVCs/,
    /PVCsPending/,
    /storage class/,
  ],
  [
    'a controller that is gone',
    { deployment: md({ phase: 'Pending', ready: 0 }), pods: [], runtimes: [runtime('vllm', 360)] },
    'not-reconciled',
    /controller of runtime vllm does not answer, its last sign was 6 min ago/,
    /lastHeartbeat/,
    /vllm controller/,
  ],
  [
    'a controller that never was',
    { deployment: md({ phase: null, ready: 0, observed: null, changed: 130 }), pods: [] },
    'not-reconciled',
    /has not seen it for 2 min/,
    /observedGeneration/,
    /AI Runway's controller/,
  ],
  [
    'pods that are gone, and a controller too',
    { deployment: md(), pods: [], runtimes: [runtime('vllm', 360)] },
    'not-reconciled',
    /6 min ago/,
    null,
    /controller/,
  ],
  [
    'a runtime that was never installed',
    { deployment: md({ phase: 'Pending', ready: 0, runtime: 'dynamo' }), pods: [] },
    'runtime-missing',
    /^Its runtime dynamo is not installed here\.$/,
    /spec\.provider\.name/,
    /Deploy it with vllm/,
  ],
  [
    'no runtime at all',
    { deployment: md({ phase: 'Pending', ready: 0, runtime: null }), pods: [], runtimes: [] },
    'runtime-missing',
    /No runtime is installed here/,
    null,
    /installs a runtime/,
  ],
  [
    'no runtime that fits',
    {
      deployment: md({
        phase: 'Pending',
        ready: 0,
        runtime: null,
        conditions: [
          condition(
            'ProviderSelected',
            'NoProvider',
            'no compatible provider found for this configuration',
            3,
          ),
        ],
      }),
      pods: [],
    },
    'runtime-missing',
    /No runtime here takes it: no compatible provider/,
    /ProviderSelected/,
    /another engine/,
  ],
  [
    'a runtime that was asked for and cannot do it',
    {
      deployment: md({
        phase: 'Failed',
        ready: 0,
        conditions: [
          condition(
            'ProviderCompatible',
            'IncompatibleConfiguration',
            'llamacpp is not for GPUs',
            3,
          ),
        ],
      }),
      pods: [],
    },
    'runtime-missing',
    /Its runtime vllm does not take it: llamacpp is not for GPUs/,
    /ProviderCompatible/,
    /another engine/,
  ],
  [
    'a runtime that is not ready',
    {
      deployment: md({ phase: 'Pending', ready: 0 }),
      pods: [],
      runtimes: [runtime('vllm', 10, false)],
    },
    'runtime-not-ready',
    /says that it is not ready/,
    /status\.ready/,
    /why vllm is not ready/,
  ],
  [
    'a change that was not seen yet',
    { deployment: md({ generation: 4, observed: 3, changed: 2 }), pods: [ready('a'), ready('b')] },
    'change-not-seen',
    /generation 4, observed 3/,
    /metadata\.generation/,
    /within seconds/,
  ],
  [
    'a change that nobody saw for long',
    {
      deployment: md({ generation: 4, observed: 3, changed: 300 }),
      pods: [ready('a'), ready('b')],
    },
    'not-reconciled',
    /has not seen its latest change for 5 min/,
    null,
    /controller/,
  ],
  [
    'failed, with a reason',
    { deployment: md({ phase: 'Failed', ready: 0, message: 'Validation failed: x' }), pods: [] },
    'failed',
    /^It failed: Validation failed: x\.$/,
    /Failed/,
    /Fix/,
  ],
  [
    'failed, without',
    { deployment: md({ phase: 'Failed', ready: 0, message: '' }), pods: [] },
    'failed',
    /does not say why/,
    null,
    /Fix/,
  ],
  [
    'new',
    { deployment: md({ phase: null, ready: 0, observed: null, changed: 1 }), pods: [] },
    'starting',
    /has not looked at it yet/,
    null,
    /within seconds/,
  ],
  [
    'pods that load',
    { deployment: md({ phase: 'Deploying', ready: 0 }), pods: [running('a', 0, 0), creating('b')] },
    'starting',
    /^It starts: 1 pod gets its image and volumes, 1 pod loads the model\.$/,
    null,
    /minutes/,
  ],
  [
    'one runs, one loads',
    { deployment: md(), pods: [ready('a'), running('b', 0, 0)] },
    'starting',
    /1 of 2 replicas runs; 1 pod loads the model/,
    null,
    /minutes/,
  ],
  [
    'an unknown word',
    { deployment: md({ phase: 'Hibernating', ready: 0 }), pods: [] },
    'unknown',
    /Hibernating, a word that the hub does not know/,
    null,
    /conditions/,
  ],
  [
    'deleting',
    {
      deployment: md({ deleting: 3, finalizers: ['airunway.ai/vllm-provider'] }),
      pods: [ready('a')],
    },
    'deleting',
    /1 pod is still there/,
    /deletionTimestamp/,
    /Nothing to do/,
  ],
  [
    'deleting, says the phase',
    { deployment: md({ phase: 'Terminating' }), pods: [] },
    'deleting',
    /^It is being deleted\.$/,
    null,
    /Nothing/,
  ],
  [
    'held by a stranger',
    { deployment: md({ deleting: 3_660, finalizers: ['example.com/holds-it'] }), pods: [] },
    'deletion-held',
    /began 1 h ago and is held by finalizer example\.com\/holds-it/,
    /metadata\.finalizers/,
    /controller that owns example\.com\/holds-it/,
  ],
  [
    'held by its own, whose controller is gone',
    {
      deployment: md({ deleting: 5, finalizers: ['airunway.ai/vllm-provider'] }),
      pods: [],
      runtimes: [runtime('vllm', 600)],
    },
    'deletion-held',
    /controller of runtime vllm has to take it away: its last sign was 10 min ago/,
    null,
    /Bring the controller/,
  ],
  [
    'held by its own for long',
    { deployment: md({ deleting: 90, finalizers: ['airunway.ai/vllm-provider'] }), pods: [] },
    'deletion-held',
    /held by finalizer airunway\.ai\/vllm-provider/,
    null,
    /Bring the controller/,
  ],
  [
    'a Ray cluster whose head runs without its worker',
    {
      deployment: md({ phase: 'Deploying', runtime: 'kuberay', replicas: 1, ready: 0 }),
      pods: [helper('head', { 'ray.io/node-type': 'head' }), unplaced('worker')],
      runtimes: [runtime('kuberay')],
      room: { largestNode: 8, largestFree: 0, free: 0 },
    },
    'waiting-for-gpus',
    /^It waits for GPUs/,
    /Insufficient/,
    /1 more come free/,
  ],
  [
    'a Dynamo graph whose picker runs, and whose worker crashes',
    {
      deployment: md({ runtime: 'dynamo', replicas: 1, ready: 1 }),
      pods: [
        helper('llama-epp-7f-x', { 'nvidia.com/dynamo-component-type': 'epp' }, '7f'),
        named(crashed('llama-vllmworker-8a-y', 4, 1, 'Error'), '8a', {
          'nvidia.com/dynamo-component-type': 'worker',
        }),
      ],
      runtimes: [runtime('dynamo')],
    },
    'crashing',
    /^Container vllm crashes \(exit 1; 4 restarts\)/,
    /exit code 1/,
    /log/,
  ],
  [
    'a Dynamo graph whose picker runs before its worker is made',
    {
      deployment: md({ phase: 'Deploying', runtime: 'dynamo', replicas: 1, ready: 0 }),
      pods: [helper('llama-epp-7f-x', { 'nvidia.com/dynamo-component-type': 'epp' }, '7f')],
      runtimes: [runtime('dynamo')],
    },
    'starting',
    /waiting for pods/,
    null,
    /Nothing to do/,
  ],
  [
    'a Dynamo graph whose worker a quota keeps from being made',
    {
      deployment: md({ phase: 'Deploying', runtime: 'dynamo', replicas: 1, ready: 0 }),
      pods: [helper('llama-epp-7f-x', { 'nvidia.com/dynamo-component-type': 'epp' }, '7f')],
      runtimes: [runtime('dynamo')],
      quotas: [quota('2', '2')],
    },
    'quota-used-up',
    /^Quota gpus of namespace team-a is used up: 2 of 2/,
    /ResourceQuota gpus/,
    /Scale down/,
  ],
  [
    'prefill and decode of llm-d, whose controller counts decode alone',
    {
      deployment: parts(md({ runtime: 'llmd', ready: 1 })),
      pods: [
        part(ready('llama-decode-7f-x'), 'decode'),
        part(ready('llama-prefill-8a-y'), 'prefill'),
      ],
      runtimes: [runtime('llmd')],
    },
    'running',
    /^All 2 replicas run\.$/,
    /status\.phase/,
    /^$/,
  ],
  [
    'decode without a node for prefill',
    {
      deployment: parts(md({ runtime: 'llmd', ready: 1 })),
      pods: [
        part(ready('llama-decode-7f-x'), 'decode'),
        part(unplaced('llama-prefill-8a-y'), 'prefill'),
      ],
      runtimes: [runtime('llmd')],
      room: { largestNode: 8, largestFree: 0, free: 0 },
    },
    'partly-running',
    /^1 of 2 replicas runs; it waits for GPUs/,
    /1 of 2/,
    /1 more come free/,
  ],
  [
    'two of decode, and none of prefill',
    {
      deployment: parts(md({ phase: 'Deploying', runtime: 'dynamo', ready: 3 })),
      pods: [
        helper('llama-epp-7f-x', { 'nvidia.com/dynamo-component-type': 'epp' }, '7f'),
        part(ready('llama-decode-7f-a'), 'decode', 'nvidia.com/dynamo-component-type'),
        part(ready('llama-decode-7f-b'), 'decode', 'nvidia.com/dynamo-component-type'),
      ],
      runtimes: [runtime('dynamo')],
    },
    'partly-running',
    /^1 of 2 replicas runs, and nothing says why/,
    null,
    /pods and events/,
  ],
  [
    'GPUs that are free on nodes which its selector leaves out',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [
        unplaced(
          'a',
          1,
          "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }.",
        ),
      ],
      room: { largestNode: 8, largestFree: 8, free: 8 },
    },
    'waiting-for-node',
    /^No node takes it: 0\/2 nodes are available: 1 node\(s\) didn't match/,
    /PodScheduled/,
    /choose other nodes/,
  ],
  [
    'GPUs that are free on a node without the memory it asks for',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [
        unplaced(
          'a',
          1,
          '0/2 nodes are available: 1 Insufficient memory, 1 Insufficient nvidia.com/gpu.',
        ),
      ],
      room: { largestNode: 8, largestFree: 8, free: 8 },
    },
    'waiting-for-node',
    /^No node takes it: 0\/2 nodes are available: 1 Insufficient memory/,
    /PodScheduled/,
    /less memory/,
  ],
  [
    'devices that no node has to claim',
    {
      deployment: md({ replicas: 1, phase: 'Deploying' }),
      pods: [
        unplaced(
          'a',
          0,
          '0/2 nodes are available: 2 cannot allocate all claims. still not schedulable',
        ),
      ],
    },
    'waiting-for-gpus',
    /cannot allocate all claims/,
    /PodScheduled/,
    /claim/,
  ],
  [
    'an evicted pod that another one replaces',
    {
      deployment: md({ replicas: 1, phase: 'Deploying', ready: 0 }),
      pods: [evicted('a', 600), running('b', 0, 0)],
    },
    'starting',
    /^It starts: 1 pod loads the model\.$/,
    null,
    /minutes/,
  ],
  [
    'an evicted pod whose replacement waits for GPUs',
    {
      deployment: md({ replicas: 1, phase: 'Deploying', ready: 0 }),
      pods: [evicted('a', 600), unplaced('b')],
    },
    'waiting-for-gpus',
    /waits for GPUs/,
    /Insufficient/,
    /by itself/,
  ],
  [
    'an evicted pod of the version before, after a whole update',
    { deployment: md(), pods: [evicted('a', 7_200, 'older'), ready('b'), ready('c')] },
    'running',
    /^All 2 replicas run\.$/,
    null,
    /^$/,
  ],
  [
    'an evicted pod beside those that run, before the phase says so',
    {
      deployment: md({ phase: 'Deploying' }),
      pods: [evicted('a', 7_200), ready('b'), ready('c')],
    },
    'running',
    /^All 2 replicas run\.$/,
    null,
    /^$/,
  ],
  [
    'a pod on a node that is gone',
    {
      deployment: md({ replicas: 1, ready: 0 }),
      pods: [running('a', 0, 0)],
      down: 'gpu-1',
    },
    'waiting-for-node',
    /^Node gpu-1, on which pod a is, is not ready\.$/,
    /Node gpu-1 status\.conditions\[Ready\]/,
    /five minutes/,
  ],
  [
    'a pod that a queue holds back',
    { deployment: md({ replicas: 1, phase: 'Deploying', ready: 0 }), pods: [gated('a')] },
    'waiting-for-node',
    /^It is held back before a node is looked for, by kueue\.x-k8s\.io\/admission\.$/,
    /SchedulingGated/,
    /lets it go by itself/,
  ],
  [
    'pods that fetch what they need first',
    {
      deployment: md({ phase: 'Deploying', ready: 0 }),
      pods: [
        initializing('a', { isSidecarAlone: false }),
        initializing('b', { isSidecarAlone: true }),
      ],
    },
    'starting',
    /^It starts: 1 pod gets its image and volumes, 1 pod runs its first steps\.$/,
    null,
    /minutes/,
  ],
  [
    'a quota that held up a StatefulSet, whose pod was made since',
    {
      deployment: md({ runtime: 'kaito', replicas: 1, phase: 'Deploying', ready: 0 }),
      pods: [ofSet(running('llama-0', 0, 0))],
      runtimes: [runtime('kaito')],
      events: [event('StatefulSet', 'llama', 'FailedCreate', quotaExceeded, 300)],
    },
    'starting',
    /1 pod loads the model/,
    null,
    /minutes/,
  ],
  [
    'a quota that holds up a StatefulSet',
    {
      deployment: md({ runtime: 'kaito', replicas: 2, phase: 'Deploying', ready: 0 }),
      pods: [ofSet(running('llama-0', 0, 0))],
      runtimes: [runtime('kaito')],
      events: [event('StatefulSet', 'llama', 'FailedCreate', quotaExceeded)],
    },
    'quota-used-up',
    /quota gpus of namespace team-a is used up: 2 of 2/i,
    /FailedCreate/,
    /Scale down/,
  ],
  [
    'deleted in the foreground',
    {
      deployment: md({ deleting: 40, finalizers: ['foregroundDeletion'] }),
      pods: [ready('a')],
    },
    'deleting',
    /1 pod is still there/,
    /deletionTimestamp/,
    /Nothing to do/,
  ],
  [
    'deleted in the foreground, and held by what it owns',
    {
      deployment: md({ deleting: 3_600, finalizers: ['foregroundDeletion'] }),
      pods: [],
    },
    'deletion-held',
    /held by finalizer foregroundDeletion: Kubernetes takes it away once/,
    /metadata\.finalizers/,
    /goes by itself/,
  ],
]

describe('explainDeployment', () => {
  it.each(rows)('names %s', (_, objects, state, sentence, evidence, next) => {
    const told = explain(objects)
    expect([told.state, told.sentence, told.next]).toEqual([
      state,
      expect.stringMatching(sentence),
      expect.stringMatching(next),
    ])
    const proof = told.evidence.map((each) => Object.values(each).join(' ')).join('\n')
    expect(proof).toMatch(evidence ?? /./)
  })

  it('knows a situation for each of its words', () => {
    expect(new Set(rows.map(([, , state]) => state))).toEqual(new Set(deploymentStates))
  })

  it('stands in the page about states, which this writes (vitest -u)', async () => {
    await expect(describeStates()).toMatchFileSnapshot('../../../../docs/states.md')
  })

  it.each<[string, Partial<LiveFacts>, DeploymentState]>([
    ['nothing but the object', {}, 'starting'],
    ['its pods alone', { pods: [] }, 'partly-running'],
  ])('says what can be said where the credential reads %s', (_, live, state) => {
    const facts = factsOf({ deployment: md({ phase: 'Deploying', ready: 1 }) })
    expect(explainDeployment({ ...facts, live: { ...nothingLive, ...live } }).state).toBe(state)
  })

  it('says when time alone makes it another', () => {
    const deployment = md({ deleting: 20, finalizers: ['airunway.ai/vllm-provider'] })
    const facts = factsOf({ deployment })
    const first = explainDeployment(facts)
    expect([first.state, first.changesAt]).toEqual(['deleting', now + 40_000])
    expect(explainDeployment({ ...facts, now: first.changesAt! }).state).toBe('deletion-held')
  })

  it('keeps what a cluster wrote short, on one line, and in its direction', () => {
    const message = `<img src=x onerror=alert(1)>\n\u202Egnp.exe\u0000${'x'.repeat(100_000)}`
    const pods = [waiting('a', 'ImagePullBackOff', message)]
    const told = explain({ deployment: md({ phase: 'Deploying', ready: 0 }), pods })
    const all = JSON.stringify(told)
    expect(all.length).toBeLessThan(3_000)
    expect(all).not.toMatch(/\\n|\u202e|\\u0000/)
    expect(told.sentence).toContain('<img src=x onerror=alert(1)>')
  })

  it('never throws, and always knows a word, whatever objects hold', () => {
    const odd = fc.oneof(fc.anything(), fc.constantFrom(null, '', 'x', -1, {}, [], [null]))
    const container = fc.record(
      { name: odd, state: odd, lastState: odd, restartCount: odd, ready: odd },
      { requiredKeys: [] },
    )
    const status = fc.record(
      {
        phase: fc.oneof(odd, fc.constantFrom('Pending', 'Running', 'Failed')),
        conditions: odd,
        reason: odd,
        containerStatuses: fc.oneof(odd, fc.array(container)),
        initContainerStatuses: odd,
      },
      { requiredKeys: [] },
    )
    const strange = fc.record({
      metadata: fc.record({ finalizers: odd, managedFields: odd, generation: odd }),
      phase: fc.oneof(odd, fc.constantFrom('Pending', 'Deploying', 'Running', 'Failed')),
      pods: fc.array(fc.record({ labels: odd, status, spec: odd })),
      event: odd,
      quota: odd,
    })
    fc.assert(
      fc.property(strange, ({ event: about, metadata, phase, pods, quota: hard }) => {
        const deployment = md()
        const told = explain({
          deployment: {
            ...deployment,
            metadata: { ...deployment.metadata, ...metadata },
            status: { ...(deployment.status as object), phase },
          },
          pods: pods.map((each, i) => ({
            ...pod(`p${i}`),
            status: each.status,
            spec: each.spec as object,
          })),
          events: [{ ...exceeded('llama-x'), involvedObject: about, message: about }],
          quotas: [{ ...quota('1', '1'), status: hard }],
        })
        expect(DeploymentState.safeParse(told.state).success).toBe(true)
        expect(told.sentence).not.toBe('')
        expect(told.sentence).not.toMatch(/undefined|NaN|\[object/)
      }),
      { numRuns: 300 },
    )
  })
})

/** The first situation of each state, in the set's order. */
function describeStates(): string {
  const cell = (text: string) => text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;')
  const lines = deploymentStates.map((state) => {
    const [, objects] = rows.find((row) => row[2] === state)!
    const { next, sentence } = explain(objects)
    const group = statusOfDeployment({ state })
    return `| \`${state}\` | ${group} | ${cell(sentence)} | ${cell(next) || '–'} | ${stateSources[state]} |`
  })
  return `# States

How a deployment really is, whatever phase its cluster's controller wrote last. One pure function
([explain-deployment.ts](../backend/src/fleet/explain/explain-deployment.ts)) derives the state from the object and from its pods,
quotas, warnings, runtimes and finalizers, all of which are watched; \`GET …/deployments/:name/explain\` adds the fields that prove it.
Lists, filters, counts and the stream use the state, and filters use its group. The hub does not guess at what it may not read: without
ResourceQuotas and warnings, which an older credential may lack, the states that depend on them rest on less evidence.

The tests write this page. The last column says what causes a state on the real control plane of
[deployment-states.test.ts](../backend/suites/deployment-states.test.ts); what only a kubelet or a runtime can report is written there
as they would write it.

| State | Group | What people read | What helps | Made by |
|---|---|---|---|---|
${lines.join('\n')}
`
}

function explain(objects: Objects): Explanation {
  return explainDeployment(factsOf(objects))
}

function factsOf({ deployment, ...around }: Objects): ExplainFacts {
  const warnings = (around.events ?? []).flatMap((each) => readWarning(each) ?? [])
  const runtimes = around.runtimes === undefined ? [runtime('vllm')] : around.runtimes
  return {
    deployment: readDeployment('prod', 'airunway.ai', deployment)!,
    object: readObjectFacts(deployment),
    live: {
      pods: around.pods?.flatMap((each) => readPod(each) ?? []) ?? null,
      runtimes: runtimes?.flatMap((each) => readRuntime(each) ?? []) ?? null,
      quotas: around.quotas?.flatMap((each) => readQuota(each) ?? []) ?? null,
      warningsOf: (kind, name) =>
        warnings.filter(({ about }) => about.kind === kind && about.name === name),
      ownerWarnings: warnings.filter(({ about }) => /^llama(-[a-z]+)?$/.test(about.name)),
      roomFor: () => around.room ?? null,
      isNodeDown: (node) => node === around.down,
    },
    now,
  }
}

function md(
  of: {
    phase?: string | null
    runtime?: string | null
    replicas?: number
    ready?: number
    gpus?: number
    message?: string
    paused?: boolean
    generation?: number
    observed?: number | null
    changed?: number
    tokenSecret?: string
    deleting?: number
    finalizers?: string[]
    conditions?: object[]
  } = {},
): KubeObject {
  const { generation = 2, observed = 2, phase = 'Running', replicas = 2, runtime: by = 'vllm' } = of
  return {
    metadata: {
      name: 'llama',
      namespace: 'team-a',
      uid: 'u',
      generation,
      creationTimestamp: ago(of.changed ?? 7_200),
      ...(of.paused && { annotations: { 'airunway.ai/reconcile-paused': 'true' } }),
      ...(of.deleting !== undefined && { deletionTimestamp: ago(of.deleting) }),
      ...(of.finalizers && { finalizers: of.finalizers }),
    },
    spec: {
      model: { id: 'meta/llama' },
      ...(by !== null && { provider: { name: by } }),
      scaling: { replicas },
      resources: { gpu: { count: of.gpus ?? 1, type: gpu } },
      ...(of.tokenSecret && { secrets: { huggingFaceToken: of.tokenSecret } }),
    },
    status: {
      ...(phase !== null && { phase }),
      ...(observed !== null && { observedGeneration: observed }),
      message: of.message ?? 'Deployments created, waiting for pods to be ready',
      replicas: { desired: replicas, ready: of.ready ?? replicas },
      conditions: of.conditions ?? [],
    },
  }
}

function pod(name: string, revision = 'old', gpus = 1): KubeObject {
  return {
    metadata: {
      name,
      namespace: 'team-a',
      uid: name,
      creationTimestamp: ago(120),
      labels: { 'airunway.ai/deployment': 'llama', 'pod-template-hash': revision },
    },
    spec: {
      nodeName: 'gpu-1',
      containers: [{ name: 'vllm', resources: { limits: { [gpu]: String(gpus) } } }],
    },
  }
}

/** A pod that serves no model itself: the head of a Ray cluster, whatever leads to workers. */
function helper(name: string, labels: object, revision = 'old'): KubeObject {
  const of = named(ready(name), revision, labels)
  return { ...of, spec: { nodeName: 'cpu-1', containers: [{ name: 'main' }] } }
}

function named(of: KubeObject, revision: string, labels: object): KubeObject {
  const known = (of.metadata as { labels: object }).labels
  return {
    ...of,
    metadata: {
      ...of.metadata,
      labels: { ...known, 'pod-template-hash': revision, ...labels },
      ownerReferences: [
        { controller: true, name: String(of.metadata?.name).replace(/-[^-]+$/, '') },
      ],
    },
  }
}

/** Of one Deployment of several: llm-d names it by the label `app`, Dynamo by one of its own. */
function part(of: KubeObject, which: 'prefill' | 'decode', label = 'app'): KubeObject {
  const revision = String(of.metadata?.name).split('-').at(2)!
  return named(of, revision, { [label]: label === 'app' ? `llama-${which}` : which })
}

function parts(of: KubeObject): KubeObject {
  const each = { replicas: 1, gpu: { count: 1, type: gpu } }
  const spec = {
    ...(of.spec as object),
    resources: {},
    serving: { mode: 'disaggregated' },
    scaling: { prefill: each, decode: each },
  }
  return { ...of, spec }
}

function containersIn(state: object, more: object = {}) {
  return [{ name: 'vllm', ready: false, restartCount: 0, state, ...more }]
}

function ready(name: string): KubeObject {
  const containerStatuses = containersIn({ running: {} }, { ready: true })
  const conditions = [{ type: 'Ready', status: 'True' }]
  return { ...pod(name), status: { phase: 'Running', conditions, containerStatuses } }
}

function waiting(name: string, reason: string, message: string): KubeObject {
  const containerStatuses = containersIn({ waiting: { reason, message } })
  return { ...pod(name), status: { phase: 'Pending', containerStatuses } }
}

function creating(name: string): KubeObject {
  return waiting(name, 'ContainerCreating', '')
}

function crashed(name: string, restartCount: number, exitCode: number, reason: string): KubeObject {
  const containerStatuses = containersIn(
    { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
    { restartCount, lastState: { terminated: { exitCode, reason } } },
  )
  return { ...pod(name), status: { phase: 'Running', containerStatuses } }
}

function running(name: string, restartCount: number, exitCode: number): KubeObject {
  const containerStatuses = containersIn(
    { running: { startedAt: ago(5) } },
    restartCount > 0
      ? { restartCount, lastState: { terminated: { exitCode, reason: 'Error' } } }
      : {},
  )
  return { ...pod(name), status: { phase: 'Running', containerStatuses } }
}

function unplaced(
  name: string,
  gpus = 1,
  message = '0/2 nodes are available: 2 Insufficient nvidia.com/gpu.',
): KubeObject {
  const of = pod(name, 'old', gpus)
  return {
    ...of,
    spec: { ...(of.spec as object), nodeName: '' },
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
    },
  }
}

function some(count: number, make: (name: string) => KubeObject): KubeObject[] {
  return Array.from({ length: count }, (_, i) => make(`${make.name}-${i}`))
}

function runtime(name: string, beatSecondsAgo = 10, isReady = true): KubeObject {
  return { metadata: { name }, status: { ready: isReady, lastHeartbeat: ago(beatSecondsAgo) } }
}

/** A pod that was ended as a whole and stays as it was, until somebody or the pod collector takes it away. */
function evicted(name: string, madeSecondsAgo: number, revision?: string): KubeObject {
  const of = pod(name, revision)
  const message = 'The node was low on resource: memory.'
  return {
    ...of,
    metadata: { ...of.metadata, creationTimestamp: ago(madeSecondsAgo) },
    status: { phase: 'Failed', reason: 'Evicted', message },
  }
}

function gated(name: string): KubeObject {
  const message = 'Scheduling is blocked due to non-empty scheduling gates'
  const of = unplaced(name, 1, message)
  const scheduled = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message }
  return {
    ...of,
    spec: { ...(of.spec as object), schedulingGates: [{ name: 'kueue.x-k8s.io/admission' }] },
    status: { phase: 'Pending', conditions: [scheduled] },
  }
}

/** Its sidecar runs; what comes first runs still, or has ended. */
function initializing(name: string, { isSidecarAlone }: { isSidecarAlone: boolean }): KubeObject {
  const reason = isSidecarAlone ? 'ContainerCreating' : 'PodInitializing'
  const of = waiting(name, reason, '')
  const [main] = (of.status as { containerStatuses: object[] }).containerStatuses
  const fetching = isSidecarAlone ? { terminated: { exitCode: 0 } } : { running: {} }
  const initContainerStatuses = [
    { ...main, name: 'proxy', state: { running: {} } },
    { ...main, name: 'fetch', state: fetching },
  ]
  return { ...of, status: { ...(of.status as object), initContainerStatuses } }
}

/** As KAITO's StatefulSets make pods: the version is a name of its own. */
function ofSet(of: KubeObject): KubeObject {
  return {
    ...of,
    metadata: {
      ...of.metadata,
      labels: { 'kaito.sh/workspace': 'llama', 'controller-revision-hash': 'llama-6f4b' },
      ownerReferences: [{ controller: true, kind: 'StatefulSet', name: 'llama' }],
    },
  }
}

function quota(used: string, hard: string): KubeObject {
  const resource = `requests.${gpu}`
  return {
    metadata: { name: 'gpus', namespace: 'team-a' },
    status: { used: { [resource]: used }, hard: { [resource]: hard } },
  }
}

function event(
  kind: string,
  name: string,
  reason: string,
  message: string,
  secondsAgo = 5,
): KubeObject {
  return {
    metadata: { name: `${name}.1`, namespace: 'team-a' },
    involvedObject: { kind, name, namespace: 'team-a' },
    type: 'Warning',
    reason,
    message,
    lastTimestamp: ago(secondsAgo),
  }
}

function exceeded(replicaSet: string, secondsAgo = 5): KubeObject {
  return event('ReplicaSet', replicaSet, 'FailedCreate', quotaExceeded, secondsAgo)
}

function condition(type: string, reason: string, message: string, secondsAgo: number) {
  return { type, status: 'False', reason, message, lastTransitionTime: ago(secondsAgo) }
}
