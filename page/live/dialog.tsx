import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'

export interface Dialog {
  element: RefObject<HTMLDialogElement | null>
  open: () => void
  close: () => void
}

/** Returns a dialog, and the functions that open and close it. While the dialog is open, the focus stays inside, and Escape closes the dialog. */
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
