import { join } from 'node:path'
import { decodeControl } from '../../../core/fleet/control.ts'
import { BurstError, exitCodes } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { keys } from '../../../functions/keys.ts'
import { finishRun } from '../../run/finish-run.ts'
import { openInBrowser } from '../../open-in-browser.ts'
import { checkUnclaimed } from '../../run/outputs/claimed-folder.ts'
import { outputFolder, prepareOutputs } from '../../run/outputs/result-files.ts'
import { type ReportFormat, printReport } from '../../run/outputs/report-format.ts'
import { screenFor } from '../../terminal/display.ts'
import { withS3 } from '../s3-buckets.ts'
import { type Cloud, openCloud, planInStack } from '../cloud.ts'
import { type Place, onAws } from '../place.ts'
import { outputsOf } from '../../run/outputs/stored-outputs.ts'
import { unmarkReported } from './active-runs.ts'
import { reportInStack } from './remote-run.ts'
import { finaliseInput } from './rescue.ts'
import { span } from '../../../core/words.ts'

export interface ReportRequest {
  open: boolean
  url: boolean
  finalize: boolean
  json: boolean
  /** If set, burst prints only the report, in this format. */
  format: ReportFormat | undefined
  out: string | undefined
  cwd: string
}

/**
 * Fetches a report and shows it, or prints a link to it.
 * @returns the exit code of the run's verdict; 0 with `url`
 * @throws BurstError (104) when the run does not exist or its report is not a report of this version of burst, (97) when the run has no report
 */
export async function showReport(place: Place, run: string, request: ReportRequest): Promise<number> {
  const cloud = await openCloud(place)
  const plan = await onAws(place, async () => planInStack(cloud, run))
  if (request.finalize) await onAws(place, async () => finalise(cloud, plan))
  const report = await onAws(place, async () => reportInStack(cloud, run))
  if (!report) throw await onAws(place, async () => noReport(cloud, run))
  if (request.url) {
    process.stdout.write(`${await onAws(place, async () => linkTo(cloud, run))}\n`)
    return exitCodes.ok
  }
  if (request.format !== undefined) return printReport(report, request.format, `the report of ${run}`)
  const files = await onAws(place, async () => outputsOf(cloud.store, run))
  const folder = outputFolder(request, run)
  if (request.out !== undefined) await prepareOutputs(folder)
  await checkUnclaimed(folder)
  const screen = screenFor(request.json ? process.stderr : process.stdout, false)
  const code = await finishRun(request, { report, files, folder, screen })
  if (request.open) openInBrowser(join(folder, 'report.html'))
  return code
}

async function noReport({ store, clock }: Cloud, run: string): Promise<BurstError> {
  const stored = await store.get(keys.control(run))
  const alive = stored !== undefined && decodeControl(stored.body).leaseUntil > clock.nowMs()
  const hint = alive
    ? `burst watch ${run} waits for the report`
    : `burst report ${run} --finalize makes the report from the stored counts`
  return new BurstError('runFailed', `run ${run} has no report${alive ? ' yet' : ''}`, { hint })
}

/** The maximum time in milliseconds to wait for the finaliser. */
const finaliseMs = 15 * 60_000
const pollMs = 1000

/**
 * Invokes the finaliser and waits at most `finaliseMs` for the report. If the report already exists, does not invoke the finaliser. When the report
 * exists, makes sure that the run does not count as active.
 * @throws BurstError (97) when the run is still in progress
 */
async function finalise(cloud: Cloud, { run }: RunPlan): Promise<void> {
  const { store, clock } = cloud
  if (await reportInStack(cloud, run)) return unmarkReported(cloud, run)
  const stored = await store.get(keys.control(run))
  if (stored && decodeControl(stored.body).leaseUntil > clock.nowMs()) {
    throw new BurstError('runFailed', `run ${run} is still running`, { hint: `burst stop ${run} ends the run` })
  }
  await cloud.invoke('finalise', finaliseInput(run, 'the coordinator was lost'))
  const until = clock.nowMs() + finaliseMs
  while (clock.nowMs() < until) {
    if (await reportInStack(cloud, run)) return unmarkReported(cloud, run)
    await clock.sleep(pollMs)
  }
}

/**
 * The maximum time in seconds for which a link is valid. AWS allows at most seven days. If a link is signed with temporary credentials, the link
 * expires when these credentials expire.
 */
const linkS = 7 * 24 * 3600

async function linkTo({ stack }: Cloud, run: string): Promise<string> {
  const [{ GetObjectCommand }, { getSignedUrl }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/s3-request-presigner'),
  ])
  // The link contains the id of the account that must own the bucket. S3 checks this id.
  return withS3(stack.account, async (client) => {
    const { sessionToken, expiration } = await client.config.credentials()
    const leftS = expiration ? Math.floor((expiration.getTime() - Date.now()) / 1000) : linkS
    const validS = Math.max(60, Math.min(linkS, sessionToken ? leftS : linkS))
    const command = new GetObjectCommand({
      Bucket: stack.bucket,
      Key: keys.output(run, 'report.html'),
      ResponseContentType: 'text/html; charset=utf-8',
    })
    process.stderr.write(`anyone who has this link can read the report, for at most ${span(validS * 1000)}\n`)
    return getSignedUrl(client, command, { expiresIn: validS })
  })
}
