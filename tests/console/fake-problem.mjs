// A refusal of the fake host, as RFC 9457 has it.

export class ApiProblem extends Error {
	constructor(status, detail, more = {}) {
		super(detail);
		Object.assign(this, { status, more });
	}
}

export const faultsProblem = (errors) => new ApiProblem(422, 'the document has faults', { errors });
