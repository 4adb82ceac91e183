import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'

export interface Dialog {
  element: RefObject<HTMLDialogElement | null>
  open: () => void
  close: () => void
}

/** A dialog of the browser: it keeps the focus inside, and Escape closes it. */
export function useDialog(): Dialog {
  const element = useRef<HTMLDialogElement>(null)
  return {
    element,
    open: () => {
      if (element.current?.open === false) element.current.showModal()
    },
    close: () => element.current?.close(),
  }
}
