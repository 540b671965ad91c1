import { Notice } from '../../components/notice.tsx'

/** What administrators are told about an instance's credential. */
export function WarningNotice({ warnings }: { warnings: readonly string[] }) {
  return (
    <Notice tone="warning" title="About the credential">
      <ul>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </Notice>
  )
}
