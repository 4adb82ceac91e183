import { setTimeout as sleep } from 'node:timers/promises'
import { createLogUpdate } from 'log-update'
import type { LiveSnapshot } from '../../core/report/live/snapshot.ts'
import { waitInWords } from '../../functions/coordinator/losses/backlog.ts'
import { renderLive, renderLiveLine } from './live.ts'
import { type Style, styleFor } from './style.ts'

/** The output of a command in the terminal. */
export interface Screen {
  stream: NodeJS.WriteStream
  style: Style
  /** `live`: the view is redrawn in place. `lines`: one line every 5 s. `silent`: no output before the end. */
  mode: 'live' | 'lines' | 'silent'
  /** Returns the width for the output in columns, from 40 to 120. */
  width: () => number
}

export interface Display {
  /** Prints a message that stays visible when the view is redrawn. */
  note: (text: string) => void
  /** Stops drawing and restores the cursor. If the drawing has failed, rejects with its error instead. */
  close(): Promise<void>
}

const everyMs = { live: 300, lines: 1000 } as const
/** The time in milliseconds between two lines. burst also prints a line when the phase of the run changes. */
const lineEveryMs = 5000
const mostColumns = 120

/**
 * Returns the screen for a stream. The view is redrawn in place only if the stream is a terminal, `TERM` is not `dumb`, and the variable `CI` is
 * empty or not set.
 */
export function screenFor(stream: NodeJS.WriteStream, quiet: boolean): Screen {
  const redrawable = stream.isTTY && process.env['TERM'] !== 'dumb' && !process.env['CI']
  return {
    stream,
    style: styleFor(stream),
    mode: quiet ? 'silent' : redrawable ? 'live' : 'lines',
    width: () => Math.min(mostColumns, Math.max(40, stream.isTTY ? stream.columns || 80 : mostColumns)),
  }
}

/**
 * Shows a run until `close` is called. If the state of the run cannot be read, the display stays unchanged, because the run itself reports its
 * errors.
 */
export function startDisplay(screen: Screen, snapshot: () => Promise<LiveSnapshot | undefined>): Display {
  const { mode } = screen
  if (mode === 'silent') return { note: () => undefined, close: async () => undefined }
  const drawing = mode === 'live' ? redrawing(screen) : appending(screen)
  const closing = new AbortController()
  let saidWait = false
  const drawn = drawUntil(closing.signal, everyMs[mode], async () => {
    const now = await snapshot().catch(() => undefined)
    if (!now || closing.signal.aborted) return
    if (now.messagesAwaited !== undefined && !saidWait) {
      saidWait = true
      drawing.note(waitInWords(now.messagesAwaited))
    }
    drawing.draw(now)
  })
  // An error while drawing must not end the run. It is therefore stored, and close() throws it at the end of the run.
  drawn.catch(() => undefined)
  return {
    note: drawing.note,
    close: async () => {
      closing.abort()
      try {
        await drawn
      } finally {
        drawing.end()
      }
    },
  }
}

async function drawUntil(signal: AbortSignal, ms: number, draw: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await draw()
    await sleep(ms, undefined, { signal }).catch(() => undefined)
  }
}

interface Drawing {
  draw: (now: LiveSnapshot) => void
  note: (text: string) => void
  end: () => void
}

function redrawing({ stream, style, width }: Screen): Drawing {
  const update = createLogUpdate(stream)
  return {
    draw: (now) => update(renderLive(now, width() - 1, style)),
    note: (text) => update.persist(text),
    end: () => {
      update.clear()
      update.done()
    },
  }
}

function appending({ stream }: Screen): Drawing {
  let last: { phase: LiveSnapshot['phase']; elapsedS: number } | undefined
  return {
    draw: (now) => {
      const { phase, elapsedS } = now
      const isDue = last?.phase !== phase || (elapsedS - last.elapsedS) * 1000 >= lineEveryMs
      if (phase === 'starting' || !isDue) return
      last = { phase, elapsedS }
      stream.write(`${renderLiveLine(now)}\n`)
    },
    note: (text) => stream.write(`${text}\n`),
    end: () => undefined,
  }
}

/** Prints a string unless the display is silent. */
export function say(screen: Screen, text: string): void {
  if (screen.mode !== 'silent') screen.stream.write(`${text}\n\n`)
}
