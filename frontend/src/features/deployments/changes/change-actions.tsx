import { Button } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { IconChevronDown, IconPencil } from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import { lazyNamed } from '../../../components/lazy-named.ts'
import { MenuButton } from '../../../components/menu-button.tsx'
import { ButtonLink } from '../../../components/router-link.tsx'
import type { ChangeKind } from './change-menu.tsx'

const loadMenu = () => import('./change-menu.tsx')
const ChangeMenu = lazyNamed(loadMenu, 'ChangeMenu')
const ChangeDialog = lazyNamed(() => import('./change-dialog.tsx'), 'ChangeDialog')

export interface ChangeActionsProps {
  deployment: Deployment
  /** Only its cluster can change it. */
  isAnswering: boolean
}

/** What somebody may change of a deployment. */
export function ChangeActions({ deployment, isAnswering }: ChangeActionsProps) {
  // What a dialog was opened on: the page may show another one of the same name meanwhile.
  const [asked, setAsked] = useState<{ kind: ChangeKind; of: Deployment } | null>(null)
  const { instance, name, namespace } = deployment
  return (
    <>
      {isAnswering ? (
        <ButtonLink
          variant="default"
          leftSection={<IconPencil size={16} />}
          to="/instances/$instance/namespaces/$namespace/deployments/$name/edit"
          params={{ instance, namespace, name }}
        >
          Edit
        </ButtonLink>
      ) : (
        <Button variant="default" leftSection={<IconPencil size={16} />} disabled>
          Edit
        </Button>
      )}
      <MenuButton
        label="Change"
        renderButton={(props) => (
          <Button
            {...props}
            variant="default"
            size="sm"
            rightSection={<IconChevronDown size={16} />}
            disabled={!isAnswering}
          >
            Change
          </Button>
        )}
        onIntent={() => void loadMenu()}
      >
        {(menu) => (
          <ChangeMenu
            {...menu}
            deployment={deployment}
            onChoose={(kind) => setAsked({ kind, of: deployment })}
          />
        )}
      </MenuButton>
      {asked && (
        <Suspense>
          <ChangeDialog
            key={asked.kind}
            kind={asked.kind}
            deployment={asked.of}
            onClose={() => setAsked(null)}
          />
        </Suspense>
      )}
    </>
  )
}
