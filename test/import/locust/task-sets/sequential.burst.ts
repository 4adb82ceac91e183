import { HttpUser, constant, scenario, task } from 'burst'

class Traveller extends HttpUser {
  wait = constant('2s')
  private sessionId = ''
  private headers: Record<string, string> = {}
  private flightId: any
  private inBookingFlow = false

  @task
  async bookingFlow() {
    this.inBookingFlow = true
    await this.startBookingFlow()
    await this.search()
    if (!this.inBookingFlow) return
    await this.sleep('2s')
    await this.select()
    await this.sleep('2s')
    await this.book()
  }

  private async startBookingFlow() {
    this.sessionId = crypto.randomUUID()
    this.headers = { 'X-Session': this.sessionId, 'Content-Type': 'application/json' }
  }

  private async search() {
    await this.http.get('/flights?from=BER&to=LIS&adults=1', { headers: this.headers }).expect((response) => {
      if (response.status === 200 && response.json().flights.length > 0) {
        this.flightId = response.json().flights[0].id
      } else {
        throw new Error('no flights')
      }
    })
  }

  private async select() {
    await this.http.get('/flights/:id', { params: { id: this.flightId }, headers: this.headers })
  }

  private async book() {
    const payload = { flight: this.flightId, passengers: [{ name: 'Ann', age: 33 }] }
    await this.http.post('/bookings', { json: payload, headers: this.headers })
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'https://booking.example.com',
  users: [Traveller],
})
