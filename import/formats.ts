/** What burst imports. */
export const formats = ['locust'] as const
export type Format = (typeof formats)[number]
