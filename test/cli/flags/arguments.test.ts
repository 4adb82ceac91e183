import { expect, test } from 'vitest'
import { spelledOut } from '../../../cli/flags/arguments.ts'

test.each([
  ['run a.ts -u=3 -r=1 -t=5m -H=http://x/?a=b', 'run a.ts -u 3 -r 1 -t 5m -H http://x/?a=b'],
  ['run --users=3 --run_time=5m --spawnRate 2 --Users 4', 'run --users=3 --run-time=5m --spawn-rate 2 --users 4'],
  ['run --vus 3 --duration=5m --hatch_rate 1', 'run --users 3 --run-time=5m --spawn-rate 1'],
  ['debug --locustfile a.ts', 'debug --file a.ts'],
  ['run --local=true --fail_on_error=no', 'run --local=true --fail-on-error=no'],
  ['run --var a_b=c_D --tags a_b -- --a_b -u=3', 'run --var a_b=c_D --tags a_b -- --a_b -u=3'],
  ['deploy --tag a=b --duration 3', 'deploy --tag a=b --duration 3'],
  ['run -u3 -t-1 -5', 'run -u3 -t-1 -5'],
])('the arguments %s are read as %s', (typed, read) => {
  expect(spelledOut(typed.split(' ')).join(' ')).toBe(read)
})
