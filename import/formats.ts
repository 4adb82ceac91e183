/** What burst imports. */
export const formats = ['locust', 'curl', 'har', 'postman'] as const
export type Format = (typeof formats)[number]
