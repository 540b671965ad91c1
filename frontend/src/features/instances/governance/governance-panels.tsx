import type { Instance } from '@hub/shared'
import { BindingsPanel } from '../sign-in/bindings-panel.tsx'
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
      {instance.abilities.manage && <BindingsPanel instance={instance.id} />}
    </div>
  )
}
