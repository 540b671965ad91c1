import { Button, Collapse, NumberInput, SegmentedControl, Textarea } from '@mantine/core'
import { IconChevronRight } from '@tabler/icons-react'
import { useId, useState } from 'react'
import type { ChatSettings } from './chat-settings.ts'
import classes from './try.module.css'

export interface SettingsFieldsProps {
  settings: ChatSettings
  onSettings: (settings: ChatSettings) => void
}

/** What goes along with every question, folded away until somebody wants it. */
export function SettingsFields({ onSettings, settings }: SettingsFieldsProps) {
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  const set = (more: Partial<ChatSettings>) => onSettings({ ...settings, ...more })
  return (
    <div>
      <Button
        type="button"
        variant="transparent"
        c="var(--hub-link)"
        size="compact-sm"
        px={0}
        aria-expanded={isOpen}
        aria-controls={id}
        leftSection={<IconChevronRight size={16} className={classes.chevron} data-open={isOpen} />}
        onClick={() => setOpen(!isOpen)}
      >
        System prompt and parameters
      </Button>
      <Collapse expanded={isOpen} id={id}>
        {isOpen && (
          <div className={classes.settings}>
            <SegmentedControl
              aria-label="Kind of request"
              size="xs"
              data={[
                { value: 'chat', label: 'Chat' },
                { value: 'completion', label: 'Completion, for base models' },
              ]}
              value={settings.isCompletion ? 'completion' : 'chat'}
              onChange={(value) => set({ isCompletion: value === 'completion' })}
            />
            {!settings.isCompletion && (
              <Textarea
                label="System prompt"
                autosize
                minRows={2}
                maxRows={8}
                value={settings.system}
                onChange={({ currentTarget }) => set({ system: currentTarget.value })}
              />
            )}
            <Numbers settings={settings} set={set} />
            <Textarea
              label="Stop at"
              description="One text per line, four at most."
              autosize
              minRows={1}
              maxRows={4}
              value={settings.stop}
              onChange={({ currentTarget }) => set({ stop: currentTarget.value })}
            />
          </div>
        )}
      </Collapse>
    </div>
  )
}

const numbers = [
  { of: 'temperature', label: 'Temperature', min: 0, max: 2, step: 0.1 },
  { of: 'topP', label: 'Top p', min: 0.01, max: 1, step: 0.05 },
  { of: 'maxTokens', label: 'Max tokens', min: 1, max: 1_000_000, step: 64 },
  { of: 'seed', label: 'Seed', min: 0, max: 2_147_483_647, step: 1 },
] as const

function Numbers({
  set,
  settings,
}: {
  settings: ChatSettings
  set: (more: Partial<ChatSettings>) => void
}) {
  return (
    <div className={classes.numbers}>
      {numbers.map(({ label, max, min, of, step }) => (
        <NumberInput
          key={of}
          label={label}
          placeholder="As the server has it"
          min={min}
          max={max}
          step={step}
          allowDecimal={step < 1}
          clampBehavior="strict"
          value={settings[of]}
          onChange={(value) => set({ [of]: typeof value === 'number' ? value : '' })}
        />
      ))}
    </div>
  )
}
