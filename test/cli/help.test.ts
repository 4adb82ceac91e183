import { expect, test } from 'vitest'
import { burst, emptyFolder } from './command-line.ts'

test('without a command, burst prints its help to stderr and exits with code 104', async () => {
  const { code, stdout, stderr } = await burst([], await emptyFolder())
  expect({ code, stdout }).toEqual({ code: 104, stdout: '' })
  expect(stderr).toMatch(/^Usage: burst \[options\] \[command\]/)
})

test('--help prints the help to stdout', async () => {
  const { code, stdout, stderr } = await burst(['--help'], await emptyFolder())
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: burst [options] [command]

    A load generator with user classes in TypeScript.

    Options:
      -V, --version                  print the version
      -h, --help                     print this help

    Commands:
      demo [options]                 a whole run against a small shop on this
                                     machine, in 20 s
      init [options] [folder]        write a first scenario and the files that it
                                     needs; existing files are not overwritten
      import [options] <file>        write a scenario from a file of another tool;
                                     existing files are not overwritten
      run [options] [scenario]       run a scenario and write its report
      find [options] [scenario]      find the highest load at which thresholds hold,
                                     and write the report
      plan [options] [scenario]      show what a run would do and cost, without
                                     starting it
      debug [options] [scenario]     run each task once, with one user of each
                                     class, and show every exchange with secrets
                                     masked
      deploy [options]               create or update the stack on AWS that runs the
                                     load tests; between runs the stack costs a few
                                     cents a month
      doctor [options]               check everything that a run on AWS needs, and
                                     run one user
      watch [options] [run]          follow a run on AWS, or with --local on this
                                     machine, until its report is ready; Ctrl-C
                                     stops the run
      list [options]                 list the runs on AWS, or with --local the runs
                                     on this machine, newest first
      report [options] [run]         fetch the report of a run on AWS, or with
                                     --local show the report of a run on this
                                     machine
      compare [options] <old> <new>  compare two finished runs: what became slower,
                                     and whether the difference exceeds the noise
      scale [options] [run]          change the users or the rate of a run in
                                     progress; the new load continues until the run
                                     ends
      pause [options] [run]          pause a run in progress: its users finish their
                                     iteration and keep their state; the run still
                                     ends at the planned time
      continue [options] [run]       continue a paused run: its users come back one
                                     after another, with their state
      stop [options] [run]           stop a run on AWS, or with --local on this
                                     machine; the run ends gracefully and writes its
                                     report
      resume [options]               let runs start again after burst stop --all
      ui [options] [what]            start, watch and stop runs in the browser, and
                                     show their reports
      destroy [options]              delete the stack, with all runs and reports
      help [command]                 print the help of a command

    Examples:
      burst demo                                   a run against a small shop on this machine
      burst init                                   write a first scenario into this folder
      burst run --local                            run the scenario of this folder on this machine
      burst run shop.burst.ts --local -u 500 -t 2m
      burst ui                                     the same in the browser
      burst debug shop.burst.ts                    one user, once, every exchange shown
      burst deploy --allow shop.example.com        the stack on AWS
      burst run shop.burst.ts -u 50000 -t 10m      on AWS

    Exit codes: 0 passed, unjudged or inconclusive, 99 a threshold failed, 98 incomplete,
    96 inconclusive with --fail-on-inconclusive, 105 stopped, 97 the run failed,
    104 invalid input, 107 the scenario threw while loading, 1 a bug in burst.
    Ctrl-C ends burst ui with 0. While a command has no run and no page, Ctrl-C ends
    its process; a shell then shows 130, and 143 for SIGTERM.
    "
  `)
})

const commands = 'run demo init import debug plan deploy doctor watch list report compare stop resume ui destroy'.split(
  ' ',
)

test.each(commands)(
  'burst %s --help prints the text that burst help prints for this command, and the text contains examples',
  async (command) => {
    const folder = await emptyFolder()
    const [asked, helped] = await Promise.all([burst([command, '--help'], folder), burst(['help', command], folder)])
    expect(asked.code).toBe(0)
    expect(asked.stdout).toMatch(new RegExp(`^Usage: burst ${command} [^]*\\nExamples:\\n  burst ${command}`))
    expect(helped).toEqual(asked)
  },
)

test('the help of burst run names every option', async () => {
  const { stdout } = await burst(['run', '--help'], await emptyFolder())
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: burst run [options] [scenario]

    run a scenario and write its report

    Arguments:
      scenario                         the scenario file; default: the only
                                       *.burst.ts file in the folder

    Load:
      -f, --file <file>                the scenario file; the same as the argument
      -u, --users <n>                  maximum number of users at a time; rescales
                                       the load of the file
      -r, --spawn-rate <n>             users started per second; all users stay
                                       until the end
      -t, --run-time <time>            the duration of the load
      -H, --host <url>                 the target, instead of the target in the file
      --rate <n>                       maximum arrivals per second, for files with
                                       arrivals
      --interval <time>                how long a worker runs before the next worker
                                       takes over its users; default: 10m on AWS
      --abort-on <rule>                stop the run when a threshold fails over a
                                       time span, e.g. 'errors < 10% over 30s'; may
                                       be repeated
      --stop-timeout <time>            how long requests in flight may take at the
                                       end; default: 10s

    Scenario:
      -T, --tags <tags...>             run only the tasks with one of these tags
      -E, --exclude-tags <tags...>     leave out the tasks with one of these tags
      --weight <class=n>               the weight of a user class, instead of the
                                       weight in the file; 0 leaves the class out;
                                       may be repeated
      --iterations <n>                 end every user after n iterations
      --seed <text>                    the seed for the random choices of users;
                                       default: a new seed, which the report names
      --env-file <file>                set process.env from this file, instead of
                                       .env beside the scenario; may be repeated
      --files <folder>                 copy the files of this folder to every
                                       worker, for file() in the scenario
      --var <key=value>                a value in this.vars of every user; may be
                                       repeated

    Connections:
      -k, --insecure                   do not verify certificates; the report says
                                       so
      --proxy <url>                    the HTTP proxy to the target; env: use
                                       HTTP_PROXY, HTTPS_PROXY and NO_PROXY; none:
                                       use no proxy, even if the scenario sets one
      --resolve <host:port:ip>         use this address for a host, like curl's
                                       --resolve; may be repeated

    Where:
      --local                          on this machine, without AWS
      --workers <n>                    number of workers (processes, or functions on
                                       AWS); default with --local: one per core;
                                       default on AWS: as few as possible; burst
                                       starts more workers if --users-per-worker
                                       requires them
      --users-per-worker <n>           maximum number of users per worker; default:
                                       800; on AWS at most 900, unless the users
                                       share connections
      --region <region>                default: the region of the AWS profile
      --profile <name>                 an AWS profile; default: the profile that
                                       AWS's own tools use
      --stack-name <name>              default: burst
      --endpoint <url>                 the URL of an emulator of AWS's API;
                                       AWS_ENDPOINT_URL also sets it
      --localstack                     LocalStack on this machine: --endpoint
                                       http://localhost:4566

    On AWS:
      --detach                         print the run's id and exit; use burst watch
                                       to follow the run
      --fit                            plan a smaller run if the run would need too
                                       much concurrency
      --take-concurrency <n>           use up to this much concurrency, instead of
                                       half of the account's free concurrency
      --budget <usd>                   refuse a run that would cost more than this;
                                       default: the budget of the scenario

    Result:
      --out <folder>                   the folder for the files; default:
                                       burst-results/<run>
      --json                           print report.json to stdout, and everything
                                       else to stderr
      --quiet                          print only the summary
      --summary <format>               print the summary on stdout as text or
                                       markdown; with markdown, everything else on
                                       stderr; default: text
      --name <text>                    the name of the run in the report; default:
                                       the scenario's name
      --keep-store                     with --local, keep the data of the run,
                                       including the scenario and its CSV rows
      --cpu-prof                       with --local, write a CPU profile of each
                                       worker beside the report, for Chrome DevTools
      --samples                        with --local, write a line of JSON for each
                                       request beside the report
      --fail-on-error                  exit 99 if a request failed or user code
                                       threw
      --fail-on-inconclusive           exit 96 if the run is inconclusive: the
                                       generator limited the load, the latencies may
                                       be inaccurate, or the load differed from the
                                       plan
      --yes                            do not ask for confirmation, even if the cost
                                       is above $1

    Monitoring:
      --prometheus <[host:]port>       serve the metrics to Prometheus at /metrics;
                                       0 uses any free port; without a host, only
                                       this machine can reach the endpoint
      --prometheus-remote-write <url>  push the metrics every 5 s to this URL of
                                       Prometheus by remote write, such as
                                       http://localhost:9090/api/v1/write
      --otlp <url>                     push the metrics every 5 s to this URL of an
                                       OpenTelemetry receiver, such as
                                       http://localhost:4318/v1/metrics
      --trace-context                  send a traceparent header with each request;
                                       the report names the trace of each failure
                                       example

    Page:
      --ui                             with --local, show the run in the browser
                                       while it runs
      --ui-port <n>                    the port of the page; 0 uses any free port;
                                       default: 8089, or the next free port
      --ui-host <address>              the address to listen on; default: 127.0.0.1,
                                       which only this machine can reach
      --no-open                        do not open the browser

    Options:
      --debug                          show where in burst's code an error occurred
      -h, --help                       print this help

    Times are written 300 (seconds), 30s, 5m or 1h30m. Without -u, -r or -t the file determines the load.

    Examples:
      burst run --local                                  the only *.burst.ts here, with its load
      burst run shop.burst.ts --local -u 200 -r 20 -t 2m
      burst run shop.burst.ts --local -H https://staging.example.com --fail-on-error
      burst run shop.burst.ts --local --tags checkout --json > report.json
      burst run shop.burst.ts --local --abort-on 'errors < 10% over 30s'
      burst run shop.burst.ts -u 50000 -t 10m            on AWS, through the stack of burst deploy
      burst run shop.burst.ts -u 50000 -t 10m --detach
    "
  `)
})
