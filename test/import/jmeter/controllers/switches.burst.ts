import { HttpUser, hold, ramp, scenario, task } from 'burst'

class Shoppers extends HttpUser {
  @task
  async shoppers() {
    // TODO switches.jmx:26: SwitchController 'By weight': no value of the switch selects the step 'return', so it is left out
    switch (this.random.pick(['browse', 'browse', 'buy'])) {
      case 'browse':
        await this.http.get('/weight/browse')
        break
      case 'buy':
        await this.http.get('/weight/buy')
        break
    }
    switch (this.random.pick(['browse', 'help'])) {
      case 'browse':
        await this.http.get('/default/browse')
        break
      default:
        await this.http.get('/default/other')
        break
    }
    // TODO switches.jmx:71: SwitchController 'By number': no value of the switch selects the step 'second', so it is left out
    switch (this.random.pick(['0', '2', '7'])) {
      case '7':
      case '0':
        await this.http.get('/number/0')
        break
      case '2':
        await this.http.get('/number/2')
        break
    }
    switch (this.random.pick(['buy', '1', '9'])) {
      case '9':
        await this.http.get('/mixed/0')
        break
      case '1':
        await this.http.get('/mixed/1')
        break
      case 'buy':
        await this.http.get('/mixed/2')
        break
    }
    await this.sleep(0.25)
    await this.sleep(this.random.int(5, 10) / 1000)
    await this.http.get('/checkout')
  }
}

export default scenario({
  host: 'https://shop.example.com',
  users: [Shoppers],
  load: [ramp(4, '1s'), hold('29s')],
})
