import { IconServer2 } from '@tabler/icons-react'
import { StateMessage } from '../../components/state-message.tsx'

export interface NoInstancesProps {
  /** One person on this machine, whose own contexts are the instances. */
  isLocal: boolean
  administers: boolean
}

/** Where there is no instance that this person may see: why, and what would bring one. */
export function NoInstances({ isLocal, administers }: NoInstancesProps) {
  if (isLocal) {
    return (
      <StateMessage icon={IconServer2} title="No contexts yet">
        <p>
          In local mode every context in your kubeconfig is an instance here, and there is none yet.
          Add one with <code>kubectl config</code> or your cloud’s command line, and it appears
          here.
        </p>
      </StateMessage>
    )
  }
  if (!administers) {
    return (
      <StateMessage icon={IconServer2} title="No instance to show">
        <p>
          Your roles are for instances that this hub does not have at the moment. They appear here
          as soon as they are added; an administrator of the hub knows more.
        </p>
      </StateMessage>
    )
  }
  return (
    <StateMessage icon={IconServer2} title="No instances yet">
      <p>
        An instance is a cluster this hub looks after. Add its kubeconfig above, or put it into the
        hub’s credentials directory, named after the instance:
      </p>
      <p>
        <code>{'credentials/<name>.kubeconfig'}</code>
      </p>
      <p>It appears here without a restart, or with the reason why it was rejected.</p>
    </StateMessage>
  )
}
