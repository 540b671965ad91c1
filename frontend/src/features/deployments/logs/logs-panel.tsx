import { Button, Checkbox, NativeSelect, Text, TextInput } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api, encode } from '../../../lib/api/client.ts'
import { findMain } from '../pod-words.ts'
import { podsQuery, type DeploymentCoordinates } from '../queries.ts'
import { addressLogs, logStarts, type LogFrom, type LogSelection } from './follow-logs.ts'
import { LogList } from './log-list.tsx'
import { LogNotes } from './log-notes.tsx'
import { searchLines, toFile } from './log-line.ts'
import { useLogs } from './use-logs.ts'
import classes from './logs.module.css'

const logsAt = api.instances[':instance'].namespaces[':namespace'].deployments[':name'].logs

/** The logs of a deployment, all pods at once or one, as they are written. */
export function LogsPanel({ at }: { at: DeploymentCoordinates }) {
  const [selection, select] = useState<LogSelection>({})
  const [attempt, setAttempt] = useState(0)
  const [search, setSearch] = useState('')
  const [wraps, setWraps] = useState(false)
  const [withTime, setWithTime] = useState(false)
  const [follows, setFollows] = useState(true)
  const { instance, namespace, name } = at
  const path = logsAt.$path({ param: encode({ instance, namespace, name }), query: {} })
  // The fragment is not sent: it makes another attempt of the same.
  const log = useLogs(`${addressLogs(path, selection)}#${attempt}`)
  // What is being read stands still while newer lines wait.
  const [held, setHeld] = useState<typeof log.lines | null>(null)
  const kept = held ?? log.lines
  const shown = useMemo(() => searchLines(kept, search), [kept, search])
  const follow = (next: boolean) => {
    setFollows(next)
    setHeld(next ? null : log.lines)
  }
  return (
    <>
      <div className={classes.bar}>
        <PodSelect at={at} selection={selection} onSelect={select} />
        <FromSelect selection={selection} onSelect={select} />
        <TextInput
          type="search"
          size="xs"
          w={170}
          aria-label="Search the log"
          placeholder="Search the log"
          value={search}
          onChange={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <Checkbox
          size="xs"
          label="Wrap lines"
          checked={wraps}
          onChange={({ currentTarget }) => setWraps(currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label="Times"
          checked={withTime}
          onChange={({ currentTarget }) => setWithTime(currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label="Previous run"
          checked={selection.previous === true}
          onChange={({ currentTarget: { checked } }) => {
            const { previous: _, ...rest } = selection
            select(checked ? { ...rest, previous: true } : rest)
          }}
        />
        <Button variant="default" size="xs" onClick={() => follow(!follows)}>
          {follows ? 'Pause' : 'Follow'}
        </Button>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDownload size={14} />}
          onClick={() => download(`${name}.log`, toFile(shown, selection.pod === undefined))}
        >
          Download
        </Button>
      </div>
      <LogList
        lines={shown}
        withPod={selection.pod === undefined}
        withTime={withTime}
        wraps={wraps}
        follows={follows}
        onFollow={follow}
      />
      <LogNotes
        log={log}
        shown={shown.length}
        isSearch={search.trim() !== ''}
        isHeld={!follows}
        onAgain={() => setAttempt(attempt + 1)}
      />
    </>
  )
}

interface SelectProps {
  selection: LogSelection
  onSelect: (selection: LogSelection) => void
}

function FromSelect({ selection, onSelect }: SelectProps) {
  return (
    <NativeSelect
      size="xs"
      aria-label="From"
      value={selection.from ?? 'latest'}
      data={Object.entries(logStarts).map(([value, { label }]) => ({ value, label }))}
      onChange={({ currentTarget: { value } }) =>
        onSelect({ ...selection, from: value as LogFrom })
      }
    />
  )
}

function PodSelect({ at, selection, onSelect }: SelectProps & { at: DeploymentCoordinates }) {
  const pods = useQuery(podsQuery(at)).data?.items ?? []
  const pod = pods.find(({ name }) => name === selection.pod)
  const containers = pod?.containers ?? []
  const { container: _container, pod: _pod, ...rest } = selection
  return (
    <>
      <NativeSelect
        size="xs"
        w={200}
        aria-label="Pod"
        value={selection.pod ?? ''}
        data={[
          { value: '', label: 'All pods' },
          ...pods.map(({ name }) => ({ value: name, label: name })),
        ]}
        onChange={({ currentTarget: { value } }) =>
          onSelect(value === '' ? rest : { ...rest, pod: value })
        }
      />
      {selection.pod !== undefined && containers.length > 1 && (
        <NativeSelect
          size="xs"
          aria-label="Container"
          value={selection.container ?? (pod && findMain(pod))?.name ?? ''}
          data={containers.map(({ name }) => name)}
          onChange={({ currentTarget: { value } }) => onSelect({ ...selection, container: value })}
        />
      )}
      {pods.length === 0 && (
        <Text size="sm" c="dimmed">
          No pods yet
        </Text>
      )}
    </>
  )
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
