import type { CredentialList } from '@hub/shared'
import { Notice } from '../../components/notice.tsx'

/** What is to know of where credentials come from, before anything is changed there. */
export function DirectoryNotices({
  directory,
  isLocal,
}: {
  directory: CredentialList['directory']
  /** The credentials are the contexts of one's own kubeconfig. */
  isLocal: boolean
}) {
  return (
    <>
      {directory.problem !== null && (
        <Notice tone="bad" title="The credentials directory cannot be read">
          {directory.problem}
        </Notice>
      )}
      {isLocal && (
        <Notice tone="neutral" title="These are the contexts of your kubeconfig">
          Change them in <code>{directory.path}</code>, for example with <code>kubectl config</code>
          . Changes appear here within seconds.
        </Notice>
      )}
      {!isLocal && !directory.writable && directory.problem === null && (
        <Notice tone="neutral" title="Credentials are mounted read-only">
          Add, replace and remove them where <code>{directory.path}</code> comes from: for example a
          Kubernetes Secret or a volume of the Secrets Store. Changes appear here within seconds.
        </Notice>
      )}
    </>
  )
}
