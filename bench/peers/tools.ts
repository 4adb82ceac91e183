/** A load generator. All tools do the same work: on each of `users` connections, one GET follows another without a wait. */
export interface Tool {
  name: string
  /** Returns the contents of the files that the tool reads. The key is the name of the file. */
  files?(work: Work): Record<string, string>
  /** The name of the program on PATH. A shell runs `command` in the folder that contains the files. */
  program: string
  command(work: Work): string
}

export interface Work {
  url: string
  users: number
  seconds: number
}

export const tools: readonly Tool[] = [
  {
    name: 'k6',
    program: 'k6',
    files: ({ url }) => ({
      'k6.js': `import http from 'k6/http'\nexport default function () { http.get('${url}') }\n`,
    }),
    command: ({ users, seconds }) => `k6 run --quiet --vus ${users} --duration ${seconds}s k6.js`,
  },
  {
    name: 'Locust (FastHttpUser)',
    program: 'locust',
    files: () => ({
      'locustfile.py': `from locust import FastHttpUser, task

class Visitor(FastHttpUser):
    @task
    def go(self):
        self.client.get("/")
`,
    }),
    command: ({ url, users, seconds }) =>
      `locust -f locustfile.py --headless --only-summary -u ${users} -r ${users} -t ${seconds}s -H ${url}`,
  },
  {
    name: 'Artillery',
    program: 'artillery',
    files: ({ url, users }) => ({
      'artillery.yml': `config:
  target: '${url}'
  phases: [{ duration: 1, arrivalCount: ${users} }]
scenarios:
  - flow:
      - loop: [{ get: { url: '/' } }]
        count: 1000000
`,
    }),
    command: ({ seconds }) => `timeout ${seconds + 3} artillery run --quiet artillery.yml`,
  },
  {
    name: 'autocannon',
    program: 'autocannon',
    command: ({ url, users, seconds }) => `autocannon -c ${users} -d ${seconds} ${url}`,
  },
  { name: 'wrk', program: 'wrk', command: ({ url, users, seconds }) => `wrk -t1 -c${users} -d${seconds}s ${url}` },
  {
    name: 'oha',
    program: 'oha',
    command: ({ url, users, seconds }) => `oha --no-tui -c ${users} -z ${seconds}s ${url}`,
  },
  {
    // `cargo install --path bench/peers/goose` builds this program.
    name: 'Goose',
    program: 'goose-bench',
    command: ({ url, users, seconds }) => `goose-bench -H ${url} -u ${users} -r ${users} -t ${seconds}s --quiet`,
  },
  {
    name: 'vegeta',
    program: 'vegeta',
    command: ({ url, users, seconds }) =>
      `echo 'GET ${url}' | vegeta attack -rate=0 -max-workers=${users} -workers=${users} -connections=${users} -duration=${seconds}s`,
  },
]
