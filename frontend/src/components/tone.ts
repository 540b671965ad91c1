/** How a state feels, always beside its words and icon. */
export type Tone = 'good' | 'busy' | 'warning' | 'bad' | 'neutral'
