import { usePageTitle } from '../../components/page-name.ts'
import { PageHeader } from '../../components/page-header.tsx'

/** Home: how the fleet does, what needs somebody, who holds the GPUs, and who did what. */
export function FleetPage() {
  usePageTitle('Fleet')
  return <PageHeader title="Fleet" />
}
