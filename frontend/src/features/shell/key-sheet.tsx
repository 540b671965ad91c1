import { Kbd, Modal, Stack, Text } from '@mantine/core'
import type { PlaceLink } from './places.ts'
import classes from './key-sheet.module.css'

const inTables = [
  { keys: ['/'], label: 'Search this list' },
  { keys: ['↓'], label: 'Next row' },
  { keys: ['↑'], label: 'Previous row' },
  { keys: ['Enter'], label: 'Open the row' },
  { keys: ['Space'], label: 'Select the row' },
]

/** What the keys do. */
export function KeySheet({
  places,
  onClose,
}: {
  places: readonly PlaceLink[]
  onClose: () => void
}) {
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts">
      <Stack gap="md">
        <Keys title="Go to" items={places.map(({ key, label }) => ({ keys: ['g', key], label }))} />
        <Keys title="In a list" items={inTables} />
        <Keys
          title="Anywhere"
          items={[
            { keys: ['Ctrl', 'K'], label: 'Go to anywhere' },
            { keys: ['?'], label: 'This sheet' },
          ]}
        />
      </Stack>
    </Modal>
  )
}

function Keys({
  title,
  items,
}: {
  title: string
  items: readonly { keys: readonly string[]; label: string }[]
}) {
  return (
    <section aria-label={title}>
      <Text component="h3" size="sm" fw={500} mb={4}>
        {title}
      </Text>
      <dl className={classes.keys}>
        {items.map(({ keys, label }) => (
          <div key={label} className={classes.row}>
            <dt>{label}</dt>
            <dd className={classes.key}>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
