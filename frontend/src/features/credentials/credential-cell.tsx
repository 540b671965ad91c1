import { Group, Text } from '@mantine/core'
import type { Credential } from '@hub/shared'
import { useNow } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { ToneIcon } from '../../components/tone-icon.tsx'
import { ConfirmCluster } from './confirm-cluster.tsx'
import { describeExpiry, stateOfFile } from './credential-words.ts'
import { RemoveCredential } from './remove-credential.tsx'
import { UploadCredential } from './upload-credential.tsx'
import classes from './credential-cell.module.css'

/** What became of a file, until when it holds, and what is to do. `knownReason` stands beside it already. */
export function CredentialCell({
  credential,
  knownReason,
}: {
  credential: Credential
  knownReason: string | null
}) {
  const { file, reason, fix, warnings, expiresAt } = credential
  const { label, tone } = stateOfFile(credential)
  return (
    <>
      <div className={classes.line}>
        <StatusBadge tone={tone} label={label} />
        <Expiry expiresAt={expiresAt} />
      </div>
      <div className={classes.file}>{file}</div>
      {reason !== null && reason !== knownReason && <p className={classes.reason}>{reason}</p>}
      {fix !== null && (
        <p className={classes.reason}>
          <strong>Fix:</strong> {fix}
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning} className={classes.warning}>
          <ToneIcon tone="warning" size={16} /> {warning}
        </p>
      ))}
    </>
  )
}

function Expiry({ expiresAt }: { expiresAt: string | null }) {
  const { words, tone } = describeExpiry(expiresAt, useNow())
  if (expiresAt === null) return null
  const ends = words.startsWith('in ') ? `expires ${words}` : words
  if (tone !== 'warning' && tone !== 'bad') {
    return (
      <Text component="span" size="sm" c="dimmed">
        {ends}
      </Text>
    )
  }
  return <StatusBadge tone={tone} label={ends} />
}

export function CredentialActions({
  credential: { instance, reason, state },
  writable,
}: {
  credential: Credential
  writable: boolean
}) {
  if (instance === null) return null
  return (
    <Group gap="xs">
      {state === 'resting' && <ConfirmCluster instance={instance} reason={reason} />}
      <UploadCredential instance={instance} offered={writable} />
      <RemoveCredential instance={instance} offered={writable} />
    </Group>
  )
}
