import { HttpUser, scenario, task } from 'burst'

const x = "'; process.exit(1); '` ${process.exit(2)} \u2028 </script>"
const evil = { ['__proto__']: { a: 1 }, constructor: 2, 'a-b': 3, '': 4 }

class Unicode extends HttpUser {
  /** * / process.exit(3) /* doc */
  @task
  async constructorTask() {
    await this.http.get('/a`${x}/:x', { params: { x }, json: evil, name: '`${process.exit(5)}`' })
  }

  @task
  async proto() {
    await this.http.post('/\n\'"', { body: '\u0000\u001b[31m', headers: { x } })
  }

  @task
  async delete() {
    // TODO hostile.py:23: weird_call("*/ \n process.exit(6)")
  }
}

// The locustfile does not set the load. Set the load on the command line: burst run -u 100 -r 10 -t 5m
export default scenario({
  host: 'http://127.0.0.1:1',
  users: [Unicode],
})
