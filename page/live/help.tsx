import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type Dialog, useDialog } from './dialog.tsx'

const keys: [key: string, does: string][] = [
  ['e', 'change the load of the run that is shown'],
  ['p', 'pause or continue the run that is shown'],
  ['s', 'stop the run that is shown, after a confirmation'],
  ['Escape', 'close the open dialog, comparison or details of a name; otherwise, select the whole run'],
  ['Tab, Enter', 'move to buttons, names and column heads, and press them'],
  ['?', 'show this help'],
]

export function useHelp(): Dialog {
  const dialog = useDialog()
  useKey('?', dialog.open)
  return dialog
}

export function Help({ of }: { of: Dialog }): JSX.Element {
  return (
    <dialog ref={of.element} aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <dl>
        {keys.map(([key, does]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
      <p class="hint">
        Drag over a chart to select a time span of the run. The key figures, the charts, the requests and the failures
        are then for this span; all other sections are always for the whole run.
      </p>
      <form method="dialog" class="choices">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </dialog>
  )
}

/**
 * Calls a function when the user presses a key. Ignores the key while Ctrl, Alt or Meta is pressed, and while the focus is in a form field or an open
 * dialog.
 */
export function useKey(key: string, act: () => void): void {
  const newest = useRef(act)
  newest.current = act
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const { target, ctrlKey, metaKey, altKey } = event
      const isTyping = target instanceof Element && target.closest('input, textarea, select, dialog[open]') !== null
      if (event.key !== key || isTyping || ctrlKey || metaKey || altKey) return
      event.preventDefault()
      newest.current()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [key])
}
