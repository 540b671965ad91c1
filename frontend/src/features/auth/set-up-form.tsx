import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Notice } from '../../components/notice.tsx'
import { ProblemNotice } from '../../components/problem-notice.tsx'
import { setUpMutation } from './queries.ts'
import classes from './no-access-page.module.css'

/** While nobody administers the hub: the code of its log makes the person its first administrator. */
export function SetUpForm() {
  const [code, setCode] = useState('')
  const settingUp = useMutation(setUpMutation())
  return (
    <form
      noValidate
      className={classes.setUp}
      onSubmit={(event) => {
        event.preventDefault()
        if (code.trim() !== '' && !settingUp.isPending) settingUp.mutate(code.trim())
      }}
    >
      <Stack gap="sm">
        <Notice tone="neutral" title="This hub has no administrator yet">
          <Text size="sm" inherit>
            When the hub started, it wrote a setup code to its log. Enter the code here to become
            the first administrator. It works once.
          </Text>
        </Notice>
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Setup code"
            className={classes.code}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            value={code}
            onChange={(event) => {
              setCode(event.currentTarget.value)
              if (settingUp.isError) settingUp.reset()
            }}
          />
          <Button type="submit" loading={settingUp.isPending} disabled={code.trim() === ''}>
            Become administrator
          </Button>
        </Group>
        {settingUp.isError && <ProblemNotice title="Not accepted" error={settingUp.error} />}
      </Stack>
    </form>
  )
}
