import { HttpUser, between, scenario, task } from 'burst'

class Constructor extends HttpUser {
  wait = between(1, 3)

  /** * / process.exit(4) /* */
  @task
  async constructorTask() {
    // TODO hostile.yaml: GET /a`${process.exit(2)}/{x'];process.exit(3)//}/{__proto__}/{constructor}: X-A Host: evil: HTTP does not allow this header name or value
    // TODO hostile.yaml: GET /a`${process.exit(2)}/{x'];process.exit(3)//}/{__proto__}/{constructor}: X-B: HTTP does not allow this header name or value
    await this.http
      .get("/'+process.exit(9)+'/:processExit2/%7Bx'];process.exit(3)//%7D/:partproto/:constructor", {
        params: { processExit2: 'a`$process.exit(2)', partproto: '__proto__', constructor: 'constructor' },
        query: { ['__proto__']: 1 },
      })
      .expect(200)
  }
}

class Proto extends HttpUser {
  wait = between(1, 3)

  @task
  async processExit6() {
    // TODO hostile.yaml: POST /loop: #/components/schemas/Nowhere: the document does not contain the target of this reference
    // TODO hostile.yaml: POST /loop: regex: write a text that matches the pattern in the document
    await this.http.post("/'+process.exit(9)+'/loop", {
      json: {
        ['__proto__']: 'process.exit(7)',
        "'];process.exit(8)//": 1,
        wrong: {},
        regex: 'regex',
        long: 'longxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
        many: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      },
    })
  }
}

class HttpUserVisitor extends HttpUser {
  wait = between(1, 3)

  @task
  async postGet() {
    await this.http.post("/'+process.exit(9)+'/get")
  }
}

// Other servers: javascript:process.exit(1)
// TODO hostile.yaml: security __proto__: the document does not describe this scheme
// TODO hostile.yaml: security a'+process.exit(1): the document does not describe this scheme
export default scenario({
  host: 'https://x.example',
  users: [Constructor, Proto, HttpUserVisitor],
})
