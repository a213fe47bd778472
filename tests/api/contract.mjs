// api/openapi.yaml as a judge: whether an answer is one that the contract names.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
const FILE = resolve(import.meta.dirname, '../../api/openapi.yaml');

export const text = readFileSync(FILE, 'utf8');
export const contract = parse(text);

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(contract, 'contract');

/** [{id, method, path, lane, responses, body}] */
export const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
	METHODS.filter((method) => item[method]).map((method) => ({
		id: item[method].operationId,
		method: method.toUpperCase(),
		path,
		lane: item[method]['x-lane'],
		responses: item[method].responses,
		body: item[method].requestBody,
		pointer: `#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}`,
	})));

/** Which answers have been seen: "operation status". */
export const seen = new Set();

export function operation(id) {
	const found = operations.find((one) => one.id === id);
	assert.ok(found, `the contract has no operation ${id}`);
	return found;
}

const pointerOf = (name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

function follow(one, status) {
	const key = one.responses[status] ? String(status) : 'default';
	const reference = one.responses[key].$ref;
	if (!reference)
		return { response: one.responses[key], pointer: `${one.pointer}/responses/${key}` };
	return { response: contract.components.responses[reference.split('/').pop()], pointer: reference };
}

function validate(pointer, value, what) {
	const judge = ajv.getSchema(`contract${pointer}`) ?? ajv.compile({ $ref: `contract${pointer}` });
	assert.ok(judge(value), `${what}: ${ajv.errorsText(judge.errors)}\n${JSON.stringify(value)}`);
}

/** The answer's status, type and body are what the contract says of the operation. */
export function check(id, answer) {
	const one = operation(id);
	const what = `${one.method} ${one.path} ${answer.status}`;
	seen.add(`${id} ${answer.status}`);
	assert.ok(one.responses[answer.status] || answer.status >= 400, `${what} is no status of the contract`);
	const { response, pointer } = follow(one, answer.status);
	if (!response.content) {
		assert.equal(answer.text, '', `${what} has a body`);
		return;
	}
	const type = (answer.headers['content-type'] ?? '').split(';')[0];
	assert.ok(response.content[type], `${what} has the type ${type}`);
	validate(`${pointer}/content/${pointerOf(type)}/schema`, answer.json ?? answer.text, what);
}

/** An event's data against the schema of the route of the same name. */
export function checkEvent(event) {
	const routes = { displays: 'getDisplayState', sessions: 'listSessions', clients: 'listClients', pairing: 'getPairing', settings: 'getDisplaySettings',
		presence: 'getPresence', control: 'getControl', apps: 'getApps' };
	const one = operation(routes[event.event]);
	const { pointer } = follow(one, 200);
	validate(`${pointer}/content/${pointerOf('application/json')}/schema`, event.data, `event ${event.event}`);
}
