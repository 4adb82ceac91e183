import type { JSX } from 'preact'

/** Explanations of the terms on the page. */
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
        <b>From intent</b> begins when the user was due to send: at the scheduled time of an arrival or a paced
        iteration, otherwise at the end of the planned pause. It includes every delay, even those caused by burst.
      </p>
      <p>
        <b>Lag</b> is the delay until burst sends a request, counted from the time at which the user was due to send the
        request. The <b>possible error</b> of a latency is the longest time that the response may have waited until
        burst read it.
      </p>
      <p>
        A run is <b>generator-bound</b> if burst sent too many requests late: more than 1&nbsp;% of the requests had a
        lag above 5 ms and above a tenth of the median latency of their name, or lag cost more than 2&nbsp;% of the
        load. The <b>latencies may be inaccurate</b> if more than 1&nbsp;% of the requests had a possible error above 1
        ms and above a twentieth of the median latency of their name.
      </p>
      <p>
        <b>Percentiles</b> come from the merged HdrHistograms of all workers; they are never averaged. For the whole run
        they have three significant digits. For a selected span and in the charts they are accurate to 0.8&nbsp;%.
        Failed requests are included; requests that burst cut off when users stopped are not.
      </p>
    </section>
  )
}
