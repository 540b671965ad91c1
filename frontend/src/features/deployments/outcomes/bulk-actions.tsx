import { Button } from '@mantine/core'
import type { ChangeDeploymentsInput, Deployment } from '@hub/shared'
import { IconChevronDown } from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import { lazyNamed } from '../../../components/lazy-named.ts'
import { MenuButton } from '../../../components/menu-button.tsx'

const loadMenu = () => import('./bulk-menu.tsx')
const BulkMenu = lazyNamed(loadMenu, 'BulkMenu')
const BulkDialog = lazyNamed(() => import('./bulk-dialog.tsx'), 'BulkDialog')

type Action = ChangeDeploymentsInput['action']

/** One change of all that are selected. */
export function BulkActions({ deployments }: { deployments: readonly Deployment[] }) {
  // What a dialog was opened on: the selection may be another one meanwhile.
  const [asked, setAsked] = useState<{ action: Action; of: readonly Deployment[] } | null>(null)
  const mayUpdate = deployments.some(({ abilities }) => abilities.update)
  const mayDelete = deployments.some(({ abilities }) => abilities.delete)
  return (
    <>
      {(mayUpdate || mayDelete) && (
        <MenuButton
          label="Change selected"
          renderButton={(props) => (
            <Button
              {...props}
              variant="default"
              size="xs"
              rightSection={<IconChevronDown size={14} />}
            >
              Change
            </Button>
          )}
          onIntent={() => void loadMenu()}
        >
          {(menu) => (
            <BulkMenu
              {...menu}
              mayUpdate={mayUpdate}
              mayDelete={mayDelete}
              onChoose={(action) => setAsked({ action, of: deployments })}
            />
          )}
        </MenuButton>
      )}
      {asked && (
        <Suspense>
          <BulkDialog action={asked.action} selected={asked.of} onClose={() => setAsked(null)} />
        </Suspense>
      )}
    </>
  )
}
