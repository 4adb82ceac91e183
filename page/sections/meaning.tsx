import type { JSX } from 'preact'

/** Shows explanations of the terms on the page. */
export function Meaning(): JSX.Element {
  return (
    <section id="meaning" class="prose" aria-labelledby="meaning-title">
      <h2 id="meaning-title">What the numbers mean</h2>
      <p>
        <b>Latency</b> runs from just before a request is written to the socket until the last byte of its response has
        arrived. It does not include the name lookup, the connection and the TLS handshake; these have their own rows. A
        chain of redirects is one request.
      </p>
      <p>
        <b>From intent</b> is the time from when the user was due to send the request until the response arrived. The
        user is due at the scheduled time of an arrival or of a paced iteration, or else at the end of the planned
        pause. This time includes every delay, even the delays that burst caused.
      </p>
      <p>
        <b>Lag</b> is the time from when the user was due to send a request until burst sent the request. The{' '}
        <b>possible error</b> of a latency is the longest time that the response may have waited until burst read it.
      </p>
      <p>
        A run is <b>generator-bound</b> if burst sent too many requests late: more than 1&nbsp;% of the requests had a
        lag above 5 ms and above a tenth of the median latency of their name, or lag cost more than 2&nbsp;% of the
        load. The <b>latencies may be inaccurate</b> if more than 1&nbsp;% of the requests had a possible error above 1
        ms and above a twentieth of the median latency of their name.
      </p>
      <p>
        <b>Percentiles</b> come from the merged HdrHistograms of all workers; burst never averages percentiles. The
        percentiles of the whole run have three significant digits. In the charts and in a selected span, latencies are
        accurate to 0.8&nbsp;% and times from intent to 2.4&nbsp;%, or less in very large reports. Failed requests are
        included. Requests that burst cut off when users stopped are not included.
      </p>
    </section>
  )
}
