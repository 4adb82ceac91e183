import { type Node, around, has, tagOf, wordOf } from './node.ts'

/** A field of a form, as it is in the page. */
export interface Field {
  name: string
  value: string
  kind: 'text' | 'file' | 'button'
  /** Whether it is sent unless a value is given for it: not an unchecked box. */
  sent: boolean
  /** Whether `true` and `false` check and uncheck it. */
  checkable: boolean
}

const buttonTypes = new Set(['submit', 'image', 'button', 'reset'])

/**
 * The fields of a form in the order of the page (HTML standard, "constructing the entry list"), with the pressed button among them.
 * @param pressed null for none
 */
export function fieldsOf(form: Node, root: Node, pressed: Node | null): Field[] {
  return controlsOf(form, root).flatMap((control) => {
    if (isButton(control)) return control === pressed ? buttonField(control) : []
    return isDisabled(control) ? [] : fieldsOfControl(control)
  })
}

/** The button that is pressed when a form is sent without choosing one. */
export function firstButton(form: Node, root: Node): Node | null {
  return controlsOf(form, root).find((control) => submits(control) && !isDisabled(control)) ?? null
}

export function submits(control: Node): boolean {
  const type = wordOf(control, 'type')
  if (tagOf(control) === 'button') return type === 'submit' || (type !== 'button' && type !== 'reset')
  return tagOf(control) === 'input' && (type === 'submit' || type === 'image')
}

/** The controls that belong to a form: those inside it, and those that name it with their attribute `form`. */
export function controlsOf(form: Node, root: Node): Node[] {
  const id = form.getAttribute('id')
  return root.querySelectorAll('input, select, textarea, button').filter((control) => {
    const owner = control.getAttribute('form')
    if (owner !== undefined) return owner !== '' && owner === id
    return around(control, (node) => tagOf(node) === 'form') === form
  })
}

function isButton(control: Node): boolean {
  return tagOf(control) === 'button' || (tagOf(control) === 'input' && buttonTypes.has(wordOf(control, 'type')))
}

function isDisabled(control: Node): boolean {
  if (has(control, 'disabled')) return true
  const fieldset = around(control, (node) => tagOf(node) === 'fieldset' && has(node, 'disabled'))
  return fieldset !== undefined && around(control, (node) => tagOf(node) === 'legend') === undefined
}

function buttonField(button: Node): Field[] {
  const name = button.getAttribute('name') ?? ''
  const value = button.getAttribute('value') ?? ''
  const field = { kind: 'button', sent: true, checkable: false } as const
  if (wordOf(button, 'type') === 'image') {
    const prefix = name === '' ? '' : `${name}.`
    return [
      { ...field, name: `${prefix}x`, value: '0' },
      { ...field, name: `${prefix}y`, value: '0' },
    ]
  }
  return name === '' ? [] : [{ ...field, name, value }]
}

function fieldsOfControl(control: Node): Field[] {
  const name = control.getAttribute('name') ?? ''
  if (name === '') return []
  const field = { name, kind: 'text', sent: true, checkable: false } as const
  if (tagOf(control) === 'select') return selectedIn(control).map((value) => ({ ...field, value }))
  if (tagOf(control) === 'textarea') return [{ ...field, value: control.textContent }]
  return [inputField(control, field)]
}

function inputField(control: Node, field: Pick<Field, 'name' | 'kind' | 'sent' | 'checkable'>): Field {
  const type = wordOf(control, 'type')
  const value = control.getAttribute('value')
  if (type === 'checkbox' || type === 'radio') {
    return { ...field, value: value ?? 'on', sent: has(control, 'checked'), checkable: true }
  }
  if (type === 'file') return { ...field, value: '', kind: 'file' }
  if (type === 'hidden' && field.name === '_charset_') return { ...field, value: 'UTF-8' }
  return { ...field, value: value ?? '' }
}

/** The values of the selected options; of the first one if none is selected in a list from which one is chosen. */
function selectedIn(select: Node): string[] {
  const options = select.querySelectorAll('option').filter((option) => !isDisabledOption(option))
  const selected = options.filter((option) => has(option, 'selected'))
  if (has(select, 'multiple')) return selected.map(valueOf)
  const one = selected.at(-1) ?? options[0]
  return one ? [valueOf(one)] : []
}

function isDisabledOption(option: Node): boolean {
  return (
    has(option, 'disabled') ||
    around(option, (node) => tagOf(node) === 'optgroup' && has(node, 'disabled')) !== undefined
  )
}

function valueOf(option: Node): string {
  return option.getAttribute('value') ?? option.textContent.trim().replaceAll(/\s+/g, ' ')
}
