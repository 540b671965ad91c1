export type Persona = {
  /** The subject (`sub`), and the name of the persona. */
  readonly sub: string
  readonly name: string
  readonly email: string
  readonly groups: readonly string[]
  /** What the demo lets this person do, for the sign-in page and the terminal. */
  readonly may: string
}

export const personas: readonly Persona[] = [
  {
    sub: 'admin',
    name: 'Ada Admin',
    email: 'admin@demo.example',
    groups: ['platform-admins'],
    may: 'may see and deploy everywhere',
  },
  {
    sub: 'deployer',
    name: 'Dev Deployer',
    email: 'deployer@demo.example',
    groups: ['ml-engineers'],
    may: 'may deploy models in namespace ml-team of demo-east and demo-west',
  },
  {
    sub: 'viewer',
    name: 'Vera Viewer',
    email: 'viewer@demo.example',
    groups: ['ml-readers'],
    may: 'may look at everything on demo-east and change nothing',
  },
  {
    sub: 'nobody',
    name: 'Noah Nobody',
    email: 'nobody@demo.example',
    groups: [],
    may: 'may sign in and ask for access, and sees nothing yet',
  },
]
