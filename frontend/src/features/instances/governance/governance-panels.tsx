import type { Instance } from '@hub/shared'
import { KubectlPanel } from '../sign-in/kubectl-panel.tsx'
import { MaintenancePanel } from './maintenance-panel.tsx'
import { PolicyPanel } from './policy-panel.tsx'

/** What administrators have said of an instance. */
export function GovernancePanels({ instance }: { instance: Instance }) {
  return (
    <div>
      <MaintenancePanel instance={instance} />
      <PolicyPanel instance={instance} />
      <KubectlPanel instance={instance} />
    </div>
  )
}
