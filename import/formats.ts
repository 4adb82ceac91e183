/** What burst imports. */
export const formats = ['locust', 'curl', 'har', 'postman', 'openapi'] as const
export type Format = (typeof formats)[number]
