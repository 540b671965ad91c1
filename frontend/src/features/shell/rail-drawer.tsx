import { Drawer } from '@mantine/core'
import { Rail, type RailProps } from './rail.tsx'

/** All places, where there is no room for them at the left. */
export function RailDrawer({ onClose, ...rail }: RailProps & { onClose: () => void }) {
  return (
    <Drawer opened onClose={onClose} title="Navigation" size="xs" padding={0}>
      <Rail {...rail} onNavigate={onClose} />
    </Drawer>
  )
}
