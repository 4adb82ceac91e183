import type { ComponentChildren, JSX } from 'preact'
import type { Figure } from '../core/report/figures.ts'

/** Shows a rounded number. The tooltip shows the exact number. A number that indicates a problem has a mark. */
export function Count({ of }: { of: Figure }): JSX.Element {
  return (
    <span title={of.exact} class={of.alert === true ? 'alert' : undefined}>
      {of.text}
    </span>
  )
}

/**
 * Shows a string from the target or the scenario. The writing direction of the string is isolated, so that it does not affect the text around the
 * string.
 */
export function Outside({ text }: { text: string }): JSX.Element {
  return <bdi>{text}</bdi>
}

/** Shows a list of sentences that may contain strings from the target or the scenario. */
export function Sentences({ of, class: look }: { of: readonly string[]; class?: string }): JSX.Element {
  return (
    <ul class={look}>
      {of.map((sentence) => (
        <li>
          <Outside text={sentence} />
        </li>
      ))}
    </ul>
  )
}

/** Shows the name of a request as `METHOD name`. */
export function RequestName({ method, name }: { method: string; name: string }): JSX.Element {
  return (
    <>
      {method !== '' && <span class="method">{method} </span>}
      <bdi>{name}</bdi>
    </>
  )
}

/** Shows a button that scrolls to a section of the page. The button cannot be a link, because the fragment of the URL contains the view. */
export function Jump({ to, children }: { to: string; children: ComponentChildren }): JSX.Element {
  const go = (): void => {
    const section = document.getElementById(to)
    section?.scrollIntoView({ block: 'start' })
    const heading = section?.querySelector('h2')
    heading?.setAttribute('tabindex', '-1')
    heading?.focus({ preventScroll: true })
  }
  return (
    <button type="button" class="link" onClick={go}>
      {children}
    </button>
  )
}

export function Section({
  id,
  title,
  children,
}: {
  id: string
  title: string
  children: ComponentChildren
}): JSX.Element {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  )
}

/** Shows pairs of names and values, one below the other. */
export function Facts({ of }: { of: readonly (readonly [name: string, value: ComponentChildren])[] }): JSX.Element {
  return (
    <dl>
      {of.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  )
}

/**
 * Shows a progress bar.
 * @param done the completed fraction, from 0 to 1; absent if unknown
 */
export function Progress({ of, done }: { of: string; done?: number }): JSX.Element {
  return (
    <p class="progress">
      <label>
        {of}… <progress value={done} />
      </label>
    </p>
  )
}
