// Every end-to-end test, one after the other; closes with one count.
//   node tests/e2e/run.mjs BUILD [folder for screenshots]

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const [, , build, shots = ''] = process.argv;
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = []; // what tools/check repeats at its end
const scripts = [['viewer-fake.mjs', shots], ['presence-fake.mjs', shots], ['sound-fake.mjs', shots], ['console-fake.mjs', shots],
	['console-together-fake.mjs', shots], ['console-apps-fake.mjs', shots],
	['main-job.mjs', build, shots], ['exact-job.mjs', build, shots],
	['console-job.mjs', build, shots], ['together-job.mjs', build], ['presence-job.mjs', build], ['apps-job.mjs', build, shots],
	['../stories/presence.mjs', build, shots], ['../stories/isolated.mjs', build, shots], ['isolated-job.mjs', build],
	['probe-sound.mjs', build]];
if (existsSync(process.env.FIREFOX ?? '/usr/bin/firefox-esr')) {
	scripts.push(['viewer-firefox.mjs', shots], ['sound-firefox.mjs', build, shots], ['console-firefox.mjs', shots]);
} else {
	console.log('skipped: viewer-firefox.mjs, sound-firefox.mjs and console-firefox.mjs, there is no Firefox');
	total.skipped += 3;
}
const lastLine = (text) => text.trimEnd().split('\n').at(-1).slice(0, 200) || 'saying nothing';
const lastError = (text) => [...text.matchAll(/^\w*Error: .*$/gm)].slice(-1).map(([line]) => ` – ${line.slice(0, 300)}`).join('');

for (const [script, ...args] of scripts) {
	const run = spawnSync(process.execPath, [join(import.meta.dirname, script), ...args.filter(Boolean)],
		{ encoding: 'utf8', timeout: 600000, maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'pipe'] });
	process.stderr.write(run.stderr);
	process.stdout.write(run.stdout.replace(/^\d+ passed.*$/m, ''));
	const count = /(\d+) passed, (\d+) failed, (\d+) skipped/.exec(run.stdout);
	total.passed += Number(count?.[1] ?? 0);
	total.failed += Number(count?.[2] ?? 0) + (count && (run.status === 0 || count[2] !== '0') ? 0 : 1);
	total.skipped += Number(count?.[3] ?? 0);
	for (const [, step] of run.stdout.matchAll(/^not ok - (.*(?:\n(?!ok -|not ok -|#|\d+ passed).*)*)/gm))
		failures.push(`${script}: ${step.replace(/\s+/g, ' ').slice(0, 400)}`);
	if (!count || (run.status !== 0 && count[2] === '0'))
		failures.push(`${script}: ended with ${run.signal ?? run.status} after ${lastLine(run.stdout)}${lastError(run.stderr)}`);
}
failures.forEach((failure) => console.log(`FAILED ${failure}`));
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed ? 1 : 0;
