import type { ConfigFileState } from '@hub/shared'
import { Notice } from './notice.tsx'
import { RelativeTime } from './relative-time.tsx'

/** Says that the configuration file as it is now is not what counts, and why; nothing while it is right. */
export function ConfigFileNotice({ file }: { file: ConfigFileState | null | undefined }) {
  if (!file || file.mistakes.length === 0) return null
  return (
    <Notice tone="warning" title="The configuration file is wrong">
      <p>
        It was read <RelativeTime at={file.since} />. Until it is corrected, its last valid content
        stays in effect:
      </p>
      <ul>
        {file.mistakes.map((mistake) => (
          <li key={mistake}>{mistake}</li>
        ))}
      </ul>
    </Notice>
  )
}
