const files = 'burst always writes this file, to burst-results/<run> or to the folder of --out'
const noWebPage = 'burst shows the run in the terminal and in report.html; remove the option'
const inTheFile = "use the scenario's load option for this: load: [ramp(10, '30s'), hold('5m')]"

/** Messages about options of Locust and k6 that burst does not have. The key is the name of the option without dashes. */
const instead = new Map([
  ['headless', 'burst starts the run immediately and stays in the terminal; remove the option'],
  ['autostart', 'burst starts the run immediately; remove the option'],
  ['autoquit', 'burst exits when the run ends; remove the option'],
  ['html', files],
  ['htmlfile', files],
  ['csv', files],
  ['csvfullhistory', files],
  ['summaryexport', `${files}; report.json contains all values`],
  ['jsonfile', `${files}; report.json contains all values`],
  ['stage', inTheFile],
  ['s', `Locust's -s is --stop-timeout in burst; for k6's -s: ${inTheFile}`],
  ['d', "k6's -d is -t, --run-time in burst"],
  ['i', "k6's -i is --iterations in burst, but --iterations limits each user separately"],
  ['p', noWebPage],
  ['webport', noWebPage],
  ['webhost', noWebPage],
  ['loglevel', 'burst has no log levels; --debug shows where an error occurred, --quiet hides the progress'],
  ['l', 'burst plan shows what a run would do; burst has no log levels, but --debug shows where an error occurred'],
  ['logfile', 'burst has no log file; redirect its output: burst run … > run.log'],
  ['skiplogsetup', 'burst has no log to configure; remove the option'],
  ['verbose', '--debug shows where an error occurred; burst debug shows every exchange'],
  ['v', '--debug shows where an error occurred; burst -V prints the version'],
  ['master', 'burst starts its workers itself; --workers sets their number'],
  ['masterhost', 'burst starts its workers itself; --workers sets their number'],
  ['expectworkers', 'burst starts its workers itself and waits for them; --workers sets their number'],
  ['printstats', 'burst prints the statistics at the end; remove the option'],
  ['resetstats', 'burst never discards counts; the charts of report.html show the time of the ramp'],
  ['exitcodeonerror', 'with --fail-on-error, burst exits with code 99 if a request failed'],
  ['config', 'the scenario is the configuration; options on the command line override its load and host'],
  ['env', '--var key=value sets this.vars, --env-file FILE sets process.env'],
  ['e', "k6's -e is --var key=value (this.vars) or --env-file FILE (process.env) in burst"],
  ['rps', '--rate sets the arrivals per second of a scenario with arrivals'],
  ['tag', "tags belong to tasks: @task(1, { tags: ['checkout'] }); --tags selects them"],
  ['summarytrendstats', 'report.json has all percentiles; remove the option'],
  ['nosummary', 'burst always prints the summary; --quiet hides all output before the summary'],
  ['nothresholds', 'remove the thresholds from the scenario'],
])

/** Returns what to use instead of an unknown option such as `--html=a.html` or `-s`; undefined if `instead` has no message about the option. */
export function insteadOf(option: string): string | undefined {
  const [name = ''] = option.replace(/^--?/, '').split('=')
  const key = option.startsWith('--') ? name.replaceAll(/[-_]/g, '') : name.slice(0, 1)
  if (key.length < 2 && option.startsWith('--')) return undefined
  return instead.get(key.toLowerCase())
}
