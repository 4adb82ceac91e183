/** What burst imports. */
export const formats = ['locust', 'curl'] as const
export type Format = (typeof formats)[number]
