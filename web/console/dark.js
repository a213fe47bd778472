// The notice about monitors that are dark without anybody being connected.

import { html } from '/vendor/preact.js';
import { darkness } from './darkness.js';
import { ProblemLine, releaseAll, useCall } from './parts.js';
import { isKept } from './policy.js';
import { duration } from './time.js';

export function DarkNotice({ app }) {
	const { t } = app.words;
	const call = useCall();
	const state = app.live.displays.value;
	const dark = darkness(state, app.live.settings.value);
	if (!dark)
		return null;
	const when = dark.until === 'released' ? 'forever' : 'for';
	const time = dark.until === 'released' ? '' : duration(t, dark.until);
	const canRelease = state.displays.some(isKept);
	return html`<section class=${`notice ${dark.now ? 'now' : ''}`} data-testid="dark" aria-labelledby="dark-title">
		<svg class="sign" viewBox="0 0 24 24" aria-hidden="true">
			<path d="M3 5h18v11H3zM12 16v4M8 20h8M5 14 14 5M12 16 21 7" /></svg>
		<div>
			<strong id="dark-title">${t(dark.now ? 'dark.now' : 'dark.later')}</strong>
			<p>${t(`dark.${dark.now ? 'now' : 'later'}.${when}`, { time })}</p>
			<${ProblemLine} app=${app} call=${call} />
		</div>
		${canRelease && html`<button type="button" data-testid="dark-release" disabled=${call.busy}
			onClick=${() => call.run(() => releaseAll(app))}>${t(dark.now ? 'dark.release' : 'release_all')}</button>`}
	</section>`;
}
