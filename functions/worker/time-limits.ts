/** A worker keeps this much of its invocation's time for reporting, milliseconds. */
export const reportingMs = 45_000
