import { readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { builtPage } from '../../../functions/reducer/assets.ts'

/**
 * The HTML of `burst ui` and its content security policy. The policy allows only the page's own script and style. The page may send requests only to
 * its own server.
 */
export interface Shell {
  html: string
  policy: string
}

/** Reads the script and the style of the page. Both files exist only after a build. */
export async function readShell(): Promise<Shell> {
  const [script, style] = (await Promise.all(
    ['live.js', 'live.css'].map(async (file) =>
      (await readFile(new URL(file, builtPage), 'utf8')).replaceAll(/\r\n?/g, '\n'),
    ),
  )) as [string, string]
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>burst</title>
<style>${style}</style>
</head>
<body>
<noscript>The page of burst needs JavaScript. The file report.html of a run can be read without JavaScript.</noscript>
<div id="app"></div>
<script>${script}</script>
</body>
</html>
`
  return { html, policy: policyOf(script, style) }
}

function policyOf(script: string, style: string): string {
  const only = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    `script-src ${only(script)}`,
    `style-src ${only(style)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
