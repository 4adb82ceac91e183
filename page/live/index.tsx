import { render } from 'preact'
import { Live } from './live.tsx'

/** The entry point of the page of `burst ui`. */
render(<Live />, document.getElementById('app') as HTMLElement)
