/** `list` and `pairs` take commas and repetition, as kubelogin's do. */
export type Flag = {
  kind: 'text' | 'list' | 'pairs' | 'switch' | 'seconds' | 'choice'
  /** As help shows it. */
  help: string
  /** What stands for its value in help. */
  value?: string
  default?: string
  choices?: readonly string[]
}
export type Flags = Readonly<Record<string, Flag>>

export type Values = {
  text(name: string): string | null
  list(name: string): string[]
  pairs(name: string): Record<string, string>
  isOn(name: string): boolean
}
