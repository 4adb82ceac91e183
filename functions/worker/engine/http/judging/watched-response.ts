import type { Response } from '../../../../../core/authoring/requests/http.ts'

/** Wraps a response. `looked` says whether the scenario's code has read the status of the response. */
export function watchStatus(response: Response): { response: Response; readonly looked: boolean } {
  let looked = false
  const noting = (name: 'ok' | 'status'): PropertyDescriptor => ({
    enumerable: true,
    get: () => {
      looked = true
      return response[name]
    },
  })
  const watched = Object.create(Object.getPrototypeOf(response), {
    ...Object.getOwnPropertyDescriptors(response),
    ok: noting('ok'),
    status: noting('status'),
    body: { get: () => response.body },
    text: { value: () => response.text() },
    json: { value: () => response.json() },
  }) as Response
  return {
    response: watched,
    get looked() {
      return looked
    },
  }
}
