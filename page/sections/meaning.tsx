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
        <b>Lag</b> is the time between the moment at which the user was due to send a request and the moment at which
        burst sent it. The <b>possible error</b> of a latency is the longest time that its bytes may have waited until
        burst read them. A run is <b>generator-bound</b>, so its requests were sent later than planned, when more than
        1&nbsp;% of the requests were late by more than 5 ms and a tenth of the median latency of their name, or when
        lag cost more than 2&nbsp;% of the load. Its <b>latencies may be inaccurate</b> when the possible error exceeds
        1 ms and a twentieth of that median for more than 1&nbsp;% of the requests.
      </p>
      <p>
        <b>Percentiles</b> come from the merged HdrHistograms of all workers; they are never averaged. For the whole run
        they have three significant digits. For a selected span and in the charts they are accurate to 0.8&nbsp;%.
        Failed requests are included; requests that burst cut off when users stopped are not.
      </p>
    </section>
  )
}
