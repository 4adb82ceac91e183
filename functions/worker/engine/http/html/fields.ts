import { type Node, around, has, tagOf, wordOf } from './node.ts'

/** A field of a form, with the value that the page sets. */
export interface Field {
  name: string
  value: string
  kind: 'text' | 'file' | 'button'
  /** Whether the field is sent when the scenario does not set its value. An unchecked box, for example, is not sent. */
  sent: boolean
  /**
   * The kind of a field that can be checked; null for other fields. The scenario sets a `box` to `true` or `false`, and a `radio` button to its
   * value.
   */
  check: 'box' | 'radio' | null
}

const buttonTypes = new Set(['submit', 'image', 'button', 'reset'])

/**
 * Returns the fields of a form, including the pressed button, in the order of the page (HTML standard, "constructing the entry list").
 * @param pressed null if no button is pressed
 */
export function fieldsOf(form: Node, root: Node, pressed: Node | null): Field[] {
  const controls = controlsOf(form, root)
  const checked = new Set(checkedRadios(controls).values())
  return controls.flatMap((control) => {
    if (isButton(control)) return control === pressed ? buttonField(control) : []
    return isDisabled(control) ? [] : fieldsOfControl(control, checked)
  })
}

/**
 * Returns the checked radio button of each group, by the name of the group. If the page checks several buttons of a group, only the last of these
 * buttons stays checked, as in browsers.
 */
function checkedRadios(controls: readonly Node[]): Map<string, Node> {
  const checked = controls.filter((control) => isRadio(control) && has(control, 'checked'))
  return new Map(checked.map((control) => [control.getAttribute('name') ?? '', control]))
}

function isRadio(control: Node): boolean {
  return tagOf(control) === 'input' && wordOf(control, 'type') === 'radio'
}

/** Returns the button that is pressed if the scenario does not choose a button: the first enabled submit button; null if there is none. */
export function firstButton(form: Node, root: Node): Node | null {
  return controlsOf(form, root).find((control) => submits(control) && !isDisabled(control)) ?? null
}

export function submits(control: Node): boolean {
  const type = wordOf(control, 'type')
  if (tagOf(control) === 'button') return type === 'submit' || (type !== 'button' && type !== 'reset')
  return tagOf(control) === 'input' && (type === 'submit' || type === 'image')
}

/**
 * Returns the controls of a form. If a control has a `form` attribute, the control belongs to the form that this attribute names. Otherwise, it
 * belongs to the form that the parser assigned.
 */
export function controlsOf(form: Node, root: Node): Node[] {
  const id = form.getAttribute('id')
  return root.querySelectorAll('input, select, textarea, button').filter((control) => {
    const owner = control.getAttribute('form')
    if (owner !== undefined) return owner !== '' && owner === id
    return control.formOwner === form
  })
}

function isButton(control: Node): boolean {
  return tagOf(control) === 'button' || (tagOf(control) === 'input' && buttonTypes.has(wordOf(control, 'type')))
}

/**
 * Returns whether a control is disabled (HTML standard, 4.10.18.5). A disabled fieldset disables all controls in it, except the controls in the first
 * legend among its children.
 */
function isDisabled(control: Node): boolean {
  if (has(control, 'disabled')) return true
  let inner = control
  const fieldset = around(control, (node) => {
    const disables = tagOf(node) === 'fieldset' && has(node, 'disabled') && inner !== legendOf(node)
    inner = node
    return disables
  })
  return fieldset !== undefined
}

/** Returns the first legend among the children of a fieldset. */
function legendOf(fieldset: Node): Node | undefined {
  return fieldset.querySelectorAll('legend').find(({ parentNode }) => parentNode === fieldset)
}

function buttonField(button: Node): Field[] {
  const name = button.getAttribute('name') ?? ''
  const value = button.getAttribute('value') ?? ''
  const field = { kind: 'button', sent: true, check: null } as const
  if (wordOf(button, 'type') === 'image') {
    const prefix = name === '' ? '' : `${name}.`
    return [
      { ...field, name: `${prefix}x`, value: '0' },
      { ...field, name: `${prefix}y`, value: '0' },
    ]
  }
  return name === '' ? [] : [{ ...field, name, value }]
}

function fieldsOfControl(control: Node, checked: ReadonlySet<Node>): Field[] {
  const name = control.getAttribute('name') ?? ''
  if (name === '') return []
  const field = { name, kind: 'text', sent: true, check: null } as const
  if (tagOf(control) === 'select') return selectedIn(control).map((value) => ({ ...field, value }))
  if (tagOf(control) === 'textarea') return [{ ...field, value: control.textContent }]
  if (isRadio(control)) return [{ ...field, value: valueOrOn(control), sent: checked.has(control), check: 'radio' }]
  return [inputField(control, field)]
}

function valueOrOn(control: Node): string {
  return control.getAttribute('value') ?? 'on'
}

function inputField(control: Node, field: Pick<Field, 'name' | 'kind' | 'sent' | 'check'>): Field {
  const type = wordOf(control, 'type')
  const value = control.getAttribute('value')
  if (type === 'checkbox') return { ...field, value: valueOrOn(control), sent: has(control, 'checked'), check: 'box' }
  if (type === 'file') return { ...field, value: '', kind: 'file' }
  if (type === 'hidden' && field.name === '_charset_') return { ...field, value: 'UTF-8' }
  return { ...field, value: value ?? '' }
}

/**
 * Returns the values of the selected options. Without `multiple`, only the last selected option is returned. In a list that shows one option at a
 * time, the first enabled option is selected by default. Disabled options are not sent.
 */
function selectedIn(select: Node): string[] {
  const options = select.querySelectorAll('option')
  const selected = options.filter((option) => has(option, 'selected'))
  if (has(select, 'multiple')) return selected.filter(isEnabled).map(valueOf)
  const preset = showsOne(select) ? options.find(isEnabled) : undefined
  const one = selected.at(-1) ?? preset
  return one && isEnabled(one) ? [valueOf(one)] : []
}

/** Returns whether a list without `multiple` shows one option at a time. */
function showsOne(select: Node): boolean {
  const size = Number.parseInt(select.getAttribute('size') ?? '', 10)
  return !(size > 1)
}

function isEnabled(option: Node): boolean {
  return !isDisabledOption(option)
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
