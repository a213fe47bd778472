import { Host } from '/work/main/tests/e2e/host.mjs';
import { WireClient } from '/work/main/tests/e2e/wire-client.mjs';
const host = await new Host('/tmp/build-main', ['foot sh']).ready();
await host.api('PUT', 'display/settings', { preset: 'custom', topology: 'extend', mode_conflict: 'join', keep_alive: { mode: 'duration', seconds: 3 }, desktop: 'isolated' });
const ada = new WireClient(host, 'ada');
try {
console.log((await ada.attach(host.pin())).type);
const t0 = Date.now();
console.log(await ada.open(800, 600), Date.now() - t0);
await ada.hear(({ type }) => type === 'FRAME');
console.log('first frame', Date.now() - t0);
ada.send('LISTEN', { flags: 1, channels: 2, maxKbps: 0 });
await new Promise((r) => setTimeout(r, 2500));
console.log(ada.heard.map(({ type }) => type).reduce((a, t) => (a[t] = (a[t] ?? 0) + 1, a), {}), ada.messages('SOUND'));
ada.drop();
await new Promise((r) => setTimeout(r, 5000));
} catch (e) { console.log(e); }
await host.stop().catch((e) => console.log(e.message));
console.log(host.log.slice(0, 6000));
