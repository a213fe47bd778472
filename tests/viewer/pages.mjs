// The host's pages as the host serves them, under its own headers, and a certificate for that.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const VIEWER = fileURLToPath(new URL('../../web/viewer/', import.meta.url));
const CONSOLE = fileURLToPath(new URL('../../web/console/', import.meta.url));
const HEADERS = {
	'Content-Security-Policy': "default-src 'self'; connect-src 'self'; media-src 'self' blob: mediastream:; " +
		"img-src 'self' data: blob:; style-src 'self'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; " +
		"form-action 'none'",
	'X-Content-Type-Options': 'nosniff',
	'Referrer-Policy': 'no-referrer',
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Permissions-Policy': 'camera=(), geolocation=(), payment=(), usb=(), fullscreen=(self), keyboard-map=(self), ' +
		'clipboard-read=(self), clipboard-write=(self), screen-wake-lock=(self), autoplay=(self), gamepad=(self), ' +
		'microphone=(self)',
	'Cache-Control': 'no-cache',
};
const TYPES = {
	'.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
	'.svg': 'image/svg+xml', '.json': 'application/json',
};

export function certificate() {
	const folder = mkdtempSync(join(tmpdir(), 'lodge-fake-'));
	try {
		const key = join(folder, 'key.pem');
		const cert = join(folder, 'cert.pem');
		execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
			'-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=lodge-test',
			'-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'], { stdio: 'ignore' });
		return { key: readFileSync(key), cert: readFileSync(cert) };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** The viewer at /, the console at /console/. */
function fileOf(path) {
	const named = path.endsWith('/') ? `${path}index.html` : path;
	return named.startsWith('/console/') ? join(CONSOLE, named.slice(9)) : join(VIEWER, named);
}

export function servePage(request, response) {
	const path = normalize(decodeURIComponent(new URL(request.url, 'https://host').pathname));
	if (path === '/console') {
		response.writeHead(308, { ...HEADERS, Location: '/console/' }).end();
		return;
	}
	const file = fileOf(path);
	const type = TYPES[extname(file)];
	if ((!file.startsWith(VIEWER) && !file.startsWith(CONSOLE)) || !type || !existsSync(file)) {
		response.writeHead(404, HEADERS).end();
		return;
	}
	response.writeHead(200, { ...HEADERS, 'Content-Type': type }).end(readFileSync(file));
}
