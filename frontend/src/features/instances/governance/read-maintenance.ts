import type { MaintenanceInput } from '@hub/shared'
import type { FieldsRead } from '../../../components/use-field-form.ts'

/** A reason and an end, the end as a control for local times has it. */
export function readMaintenance(reason: string, until: string): FieldsRead<MaintenanceInput> {
  const errors = {
    ...(reason.trim() === '' && { reason: 'Why? People read it where they would deploy.' }),
    ...(Number.isNaN(Date.parse(until)) && { until: 'Until when? It opens by itself then.' }),
  }
  if (Object.keys(errors).length > 0) return { errors }
  return { input: { reason: reason.trim(), until: new Date(until).toISOString() } }
}
