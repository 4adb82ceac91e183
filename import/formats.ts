/** What burst imports. */
export const formats = ['locust', 'curl', 'har'] as const
export type Format = (typeof formats)[number]
