import { LinkTab, LinkTabs } from '../../components/link-tabs.tsx'
import { PageHeader } from '../../components/page-header.tsx'

/** The head of both lists: of people, and of programs. */
export function PeopleHeader() {
  return (
    <PageHeader
      title="People"
      below="Everybody who has signed in, and every program that came with a token"
      actions={
        <LinkTabs label="People and programs" pills>
          <LinkTab to="/access/people" activeOptions={{ includeSearch: false }}>
            People
          </LinkTab>
          <LinkTab to="/access/programs">Programs</LinkTab>
        </LinkTabs>
      }
    />
  )
}
