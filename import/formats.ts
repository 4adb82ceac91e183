/** The formats that burst imports. */
export const formats = ['locust', 'curl', 'har', 'postman', 'openapi', 'k6', 'jmeter'] as const
export type Format = (typeof formats)[number]
