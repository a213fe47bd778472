// The way in: the admin token or a one-time code.

import { html, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { problemWords, useCall } from './parts.js';
import { Mark } from './pictures.js';

const isCode = (text) => /^\d{4} ?\d{4}$/.test(text);

export function Login({ app }) {
	const { t } = app.words;
	const [secret, setSecret] = useState('');
	const field = useRef(null);
	const call = useCall();
	useLayoutEffect(() => field.current.focus(), []);
	const submit = async (event) => {
		event.preventDefault();
		const text = secret.trim();
		if (!text)
			return;
		const done = await call.run(() => app.ask('POST', '/console/login',
			isCode(text) ? { code: text.replace(' ', '') } : { token: text }));
		if (done)
			app.entered();
		else
			field.current?.select();
	};
	const problem = call.problem;
	const words = problem?.status === 401 ? t('login.wrong') : problem ? problemWords(app, problem) : '';
	return html`<main class="login">
		<form class="panel" onSubmit=${submit} aria-labelledby="login-title">
			<header>
				<${Mark} />
				<div>
					<h1 id="login-title">${t('login.title')}</h1>
					<p class="quiet">${app.host.value}</p>
				</div>
			</header>
			<label class="field">
				<span>${t('login.secret')}</span>
				<input type="password" ref=${field} data-testid="secret" autocomplete="off" maxlength="128" required
					spellcheck="false" aria-describedby="login-help login-error"
					aria-invalid=${words ? 'true' : 'false'} value=${secret}
					onInput=${(event) => setSecret(event.target.value)} />
			</label>
			<p class="error" role="alert" id="login-error">${words}</p>
			<button class="primary" data-testid="login" disabled=${call.busy}>${t('login.button')}</button>
			<p class="quiet small" id="login-help">${t('login.help')}</p>
			<pre class="command">lodge console code</pre>
		</form>
	</main>`;
}
