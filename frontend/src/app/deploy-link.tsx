import { IconPlus } from '@tabler/icons-react'
import { ButtonLink } from '../components/router-link.tsx'

export function DeployLink({ instance }: { instance: string }) {
  return (
    <ButtonLink
      to="/instances/$instance/deploy"
      params={{ instance }}
      leftSection={<IconPlus size={16} />}
    >
      Deploy a model
    </ButtonLink>
  )
}
