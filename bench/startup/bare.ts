import { Client } from 'undici'
import { pssMbOf } from '../measuring/processes.ts'

/** The baseline: loads undici and sends one request. The output is not used. */
const { origin } = JSON.parse(process.argv[2] as string) as { origin: string }
const client = new Client(origin)
const { body } = await client.request({ path: '/', method: 'GET' })
await body.dump()
const [rssMb, pssMb] = [process.memoryUsage.rss() / 1_048_576, await pssMbOf('self')]
await client.close()
process.stdout.write(JSON.stringify({ rssMb, pssMb }))
