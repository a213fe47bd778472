// Takes the registry's addresses out of a lock file: names, versions and hashes are what is locked.
import { readFileSync, writeFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
const lock = JSON.parse(readFileSync(path, 'utf8'));
for (const entry of Object.values(lock.packages)) {
	delete entry.resolved;
	delete entry.funding;
}
writeFileSync(path, JSON.stringify(lock, null, '\t') + '\n');
