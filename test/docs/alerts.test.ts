import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { page, root } from './code-blocks.ts'

/** The program that tests alert rules. It is part of Debian's Prometheus package, which `.ci/run` installs. */
const promtool = '/usr/bin/promtool'
const [rules, cases] = ['docs/monitoring/alerts.yml', 'test/docs/alerts.promtool.yml']

interface Rules {
  groups: { rules: { alert: string }[] }[]
}
interface Cases {
  tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[]
}

test.skipIf(!existsSync(promtool))('Prometheus accepts the rules of the alerts, and each alert fires only for a run with the problem that the alert reports', async () => {
  const run = promisify(execFile)
  const checked = await run(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', rules], { cwd: root })
  expect(checked.stdout).toContain('SUCCESS: 6 rules found')
  const tested = await run(promtool, ['test', 'rules', cases], { cwd: root })
  expect(tested.stdout).toContain('SUCCESS')
})

test('for each alert, the test cases contain a case in which the alert fires', () => {
  const alerts = (parse(page(rules)) as Rules).groups.flatMap((group) => group.rules.map(({ alert }) => alert))
  expect(alerts.length).toBeGreaterThan(5)
  const fired = (parse(page(cases)) as Cases).tests.flatMap((one) =>
    one.alert_rule_test.flatMap(({ alertname, exp_alerts }) => (exp_alerts.length > 0 ? [alertname] : [])),
  )
  expect(fired.toSorted()).toEqual(alerts.toSorted())
})
