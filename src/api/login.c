/* /console: logging in with the token or a one-time code, and out again. */
#include <stdio.h>
#include <string.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"

#define COOKIE_FLAGS "; Path=/; Secure; HttpOnly; SameSite=Strict"
#define TOKEN_LENGTH_MAX 128
#define CODE_LENGTH_MAX 16

void api_get_login(struct api_call *call)
{
	api_answer_json(call,
		json_pack("{s:b,s:o}", "logged_in", call->authority == API_COOKIE, "name",
			api_text(call->api->name)));
}

/* What was sent instead of a name: one of the two, as a text that is not too long. */
static const char *read_secret(
	const json_t *body, const char *name, size_t most, struct settings_faults *faults)
{
	const json_t *value = json_object_get(body, name);
	char where[32];
	if (!value)
		return NULL;
	if (json_is_string(value) && json_string_length(value) <= most)
		return json_string_value(value);
	api_pointer(where, sizeof where, "", name);
	api_fault(faults, where, "a text of at most %zu bytes is wanted", most);
	return NULL;
}

static void answer_login(struct api_call *call)
{
	char secret[SECRET_TEXT_SIZE + 1], fields[256];
	if (!console_log_in(&call->api->console, call->now_ns, secret)) {
		api_problem(call, 500, "the system has no random numbers for a cookie");
		return;
	}
	snprintf(fields, sizeof fields,
		"Set-Cookie: " CONSOLE_COOKIE "=%s; Max-Age=%d" COOKIE_FLAGS "\r\n", secret,
		CONSOLE_SESSION_S);
	api_answer_nothing(call, fields);
	secret_wipe(secret, sizeof secret);
	secret_wipe(fields, sizeof fields);
}

static void try_login(struct api_call *call, const char *token, const char *code)
{
	struct api *api = call->api;
	char fields[64];
	const unsigned wait_s = console_try(&api->console, call->peer, call->now_ns);
	if (wait_s > 0) {
		call->audited = false; /* whoever floods us does not flood the log */
		snprintf(fields, sizeof fields, "Retry-After: %u\r\n", wait_s);
		api_problem_with(call, 429, fields, NULL, "too many tries within a minute");
		return;
	}
	const bool right = token ? secret_matches(api->token, token)
				 : console_use_code(&api->console, code, call->now_ns);
	if (right)
		answer_login(call);
	else
		api_problem(call, 401, "%s",
			token ? "that is not the admin token"
			      : "that code is wrong, was used, or is older than 5 minutes");
}

void api_log_in(struct api_call *call)
{
	static const char *const names[] = { "token", "code", NULL };
	struct settings_faults faults = { 0 };
	json_t *body = api_read_body(call);
	if (!body)
		return;
	api_body_known(body, "", names, &faults);
	const char *token = read_secret(body, "token", TOKEN_LENGTH_MAX, &faults);
	const char *code = read_secret(body, "code", CODE_LENGTH_MAX, &faults);
	if (!faults.total && !token == !code)
		api_fault(&faults, "", "either token or code is wanted");
	snprintf(call->target, sizeof call->target, "%s", token ? "token" : "code");
	if (faults.total)
		api_problem_faults(call, &faults);
	else
		try_login(call, token, code);
	json_decref(body);
}

void api_log_out(struct api_call *call)
{
	if (call->authority == API_COOKIE) {
		console_log_out(&call->api->console, call->console_session);
		api_events_log_out(call->api, call->console_session);
	} else {
		call->audited = false; /* nobody was logged in */
	}
	api_answer_nothing(call, "Set-Cookie: " CONSOLE_COOKIE "=; Max-Age=0" COOKIE_FLAGS "\r\n");
}

void api_make_code(struct api_call *call)
{
	char code[CONSOLE_CODE_DIGITS + 1];
	if (console_make_code(&call->api->console, call->now_ns, code))
		api_answer_json(
			call, json_pack("{s:s,s:i}", "code", code, "expires_in", CONSOLE_CODE_S));
	else
		api_problem(call, 500, "the system has no random numbers for a code");
	secret_wipe(code, sizeof code);
}
