import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'

export interface Dialog {
  element: RefObject<HTMLDialogElement | null>
  open: () => void
  close: () => void
}

/** Shows a dialog element of the browser. The focus stays inside the dialog, and Escape closes the dialog. */
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
