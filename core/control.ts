import { controlSchema } from './window/codec-schema.ts'
import { decode } from './window/codec.ts'
import type { Control } from './window/message.ts'

export function encodeControl(control: Control): string {
  return JSON.stringify(control)
}

/** @throws BurstError that says what is wrong */
export function decodeControl(text: string): Control {
  return decode(controlSchema, text, 'the control of a run')
}
