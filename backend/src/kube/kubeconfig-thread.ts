import { parentPort, workerData } from 'node:worker_threads'
import { runKubeconfigJob, type ParseJob, type SplitJob } from './kubeconfig-job.ts'

// A thread's port has no origin to name.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort!.postMessage(runKubeconfigJob(workerData as ParseJob | SplitJob))
