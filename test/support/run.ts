/**
 * `npm test`: builds, runs every test that needs no browser, then the journeys when a browser is found. A missing one is
 * said plainly, and is an error with CI=true. The last line counts what ran.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDemo } from '../demo/build.ts';
import { findBrowser } from './browser.ts';

const ci = process.env.CI === 'true';
const browser = findBrowser();
const scratch = mkdtempSync(join(tmpdir(), 'tributary-test-'));
const report = join(scratch, 'report.json');

const build = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
if (build.status !== 0) process.exit(build.status ?? 1);
await buildDemo();
if (!browser) {
  const missing = 'No Chromium or Chrome was found (CHROMIUM_PATH names one): the browser journeys cannot run.';
  console.error(ci ? missing : `${missing} Everything else does.`);
}
const projects = ['plain', 'worker', ...(browser ? ['journeys'] : [])];
const tests = spawnSync(
  'vitest',
  [
    'run',
    '--config',
    'test/vitest.config.ts',
    ...projects.flatMap((name) => ['--project', name]),
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, TEST_REPORT: report } },
);
const { passed, failed } = counts();
rmSync(scratch, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(tests.status === 0 && failed === 0 && passed > 0 && (browser || !ci) ? 0 : 1);

/** A run that broke before it could report counts as one failure. */
function counts(): { passed: number; failed: number } {
  try {
    const { numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests || (success ? 0 : 1) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
