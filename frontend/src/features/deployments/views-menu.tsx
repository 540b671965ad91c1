import { ActionIcon, Button, Group, Popover, Stack, Text, TextInput } from '@mantine/core'
import { IconLink, IconPencil, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { CopyIcon } from '../../components/copy-icon.tsx'
import type { MenuContentProps } from '../../components/menu-button.tsx'
import { copyWords, useCopy } from '../../components/use-copy.ts'
import { useStored } from '../../components/use-stored.ts'
import type { ListSearch } from './list-filter.ts'
import {
  readQuery,
  readViews,
  removeView,
  renameView,
  saveView,
  writeQuery,
  type SavedView,
} from './saved-views.ts'
import { PlainButton } from '../../components/plain-button.tsx'
import classes from './deployment-list.module.css'

export interface ViewsMenuProps {
  /** Whose views: they are kept in this browser. */
  person: string
  search: ListSearch
  onSearch: (search: ListSearch) => void
}

/** Lists that somebody comes back to: to open, to keep, to rename, to hand on. */
export function ViewsMenu(props: ViewsMenuProps & MenuContentProps) {
  const { person, search, onSearch, target, opened, onChange } = props
  const [views, keep] = useStored(`hub-views-deployments-${person}`, readViews)
  const [renamed, setRenamed] = useState<string | null>(null)
  return (
    <Popover
      width={320}
      position="bottom-end"
      opened={opened}
      onChange={onChange}
      trapFocus
      returnFocus
    >
      <Popover.Target>{target}</Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          {views.length === 0 ? (
            <Text size="sm" c="dimmed">
              Filter the list, then save it here under a name to come back to it.
            </Text>
          ) : (
            <div className={classes.views}>
              {views.map((view) =>
                renamed === view.name ? (
                  <NameForm
                    key={view.name}
                    label={`New name for ${view.name}`}
                    action="Rename"
                    initial={view.name}
                    onName={(name) => {
                      keep(renameView(views, view.name, name))
                      setRenamed(null)
                    }}
                  />
                ) : (
                  <View
                    key={view.name}
                    view={view}
                    onOpen={() => {
                      onSearch(readQuery(view.query))
                      onChange(false)
                    }}
                    onRename={() => setRenamed(view.name)}
                    onRemove={() => keep(removeView(views, view.name))}
                  />
                ),
              )}
            </div>
          )}
          <NameForm
            label="Name for the current view"
            action="Save"
            initial=""
            onName={(name) => keep(saveView(views, { name, query: writeQuery(search) }))}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

function View({
  view: { name, query },
  onOpen,
  onRename,
  onRemove,
}: {
  view: SavedView
  onOpen: () => void
  onRename: () => void
  onRemove: () => void
}) {
  const { copy, state } = useCopy()
  const { origin, pathname } = window.location
  return (
    <div className={classes.view}>
      <PlainButton className={classes.viewName} onClick={onOpen}>
        {name}
      </PlainButton>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={copyWords[state] || `Copy link to ${name}`}
        onClick={() => copy(`${origin}${pathname}?${query}`)}
      >
        <CopyIcon ready={IconLink} size={16} state={state} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={`Rename ${name}`} onClick={onRename}>
        <IconPencil size={16} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${name}`} onClick={onRemove}>
        <IconTrash size={16} />
      </ActionIcon>
    </div>
  )
}

const nameLengthMax = 60

function NameForm({
  label,
  action,
  initial,
  onName,
}: {
  label: string
  action: string
  initial: string
  onName: (name: string) => void
}) {
  const [name, setName] = useState(initial)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() === '') return
        onName(name.trim())
        setName('')
      }}
    >
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          flex={1}
          size="xs"
          label={label}
          maxLength={nameLengthMax}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" variant="default" disabled={name.trim() === ''}>
          {action}
        </Button>
      </Group>
    </form>
  )
}
