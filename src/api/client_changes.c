/* PATCH and DELETE of /clients/{fingerprint}. */
#include "api/client_changes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/grants.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"
#include "display/identity_store.h"
#include "session/clients.h"
#include "session/host.h"
#include "settings/settings.h"

/* A change under way: label and overrides both take effect, or neither does. */
struct client_change {
	uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE];
	char label[CLIENT_LABEL_MAX + 1]; /* "": as it is */
	bool has_user, has_grants;
	char user[CLIENT_LABEL_MAX + 1]; /* "": itself */
	struct grants_wish grants;
	json_t *before; /* the overrides that come back when the label cannot be written */
	int error; /* why it could not */
};

static void change_free(void *state)
{
	struct client_change *change = state;
	if (change)
		json_decref(change->before);
	free(change);
}

static struct client_change *change_begin(
	struct api_call *call, const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE])
{
	struct client_change *change = calloc(1, sizeof *change);
	if (!change) {
		api_problem_memory(call);
		return NULL;
	}
	memcpy(change->fingerprint, fingerprint, sizeof change->fingerprint);
	call->state = change;
	call->free_state = change_free;
	return change;
}

/* NULL: answered 404. */
static const struct client *find_client(
	struct api_call *call, uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE])
{
	const struct client *client = api_fingerprint_parse(call->parameter, fingerprint)
		? client_store_find(call->api->clients, fingerprint)
		: NULL;
	if (!client)
		api_problem(call, 404, "no client with this fingerprint is paired");
	return client;
}

static void after_revert(struct api_call *call, int error)
{
	const struct client_change *change = call->state;
	if (error == 0)
		api_problem(call, 500, "the label cannot be written: %s; nothing has changed",
			strerror(-change->error));
	else
		api_problem(call, 500,
			"the overrides have changed, but the label cannot be written: %s",
			strerror(-change->error));
}

/* All of them are in one file; the first that cannot be written ends it. */
static int write_client(struct api *api, const struct client_change *change)
{
	int error = 0;
	if (change->has_grants)
		error = session_host_set_grants(
			api->sessions, change->fingerprint, &change->grants);
	if (error == 0 && change->has_user)
		error = session_host_set_user(api->sessions, change->fingerprint, change->user);
	if (error == 0 && change->label[0])
		error = client_store_relabel(api->clients, change->fingerprint, change->label);
	return error;
}

static void set_label(struct api_call *call)
{
	struct client_change *change = call->state;
	struct api *api = call->api;
	struct settings_faults faults = { 0 };
	change->error = write_client(api, change);
	if (change->error == 0) {
		const struct client *client = client_store_find(api->clients, change->fingerprint);
		if (change->label[0])
			session_host_relabel(api->sessions, change->fingerprint, change->label);
		if (client)
			api_answer_client(call, client);
		else
			api_problem(call, 404, "the client was unpaired meanwhile");
		return;
	}
	call->then = after_revert;
	if (!change->before)
		api_call_continue(call, 0);
	else if (!settings_put_client(api->settings, change->fingerprint, change->before,
			 api_call_continue, call, &faults))
		api_call_continue(call, -EIO);
}

static void after_overrides(struct api_call *call, int error)
{
	if (error < 0)
		api_problem(call, 500, "the overrides cannot be written: %s; nothing has changed",
			strerror(-error));
	else
		set_label(call);
}

static void read_label(
	const json_t *body, struct client_change *change, struct settings_faults *faults)
{
	const json_t *label = json_object_get(body, "label");
	if (!label)
		return;
	const char *text = json_string_value(label);
	if (text && json_string_length(label) >= 1 && json_string_length(label) <= CLIENT_LABEL_MAX)
		memcpy(change->label, text, json_string_length(label) + 1);
	else
		api_fault(faults, "/label", "a text of 1 to %d bytes is wanted", CLIENT_LABEL_MAX);
}

static void read_rights(
	const json_t *body, struct client_change *change, struct settings_faults *faults)
{
	struct timespec now;
	const json_t *user = json_object_get(body, "user"),
		     *grants = json_object_get(body, "grants");
	change->has_user = user != NULL;
	change->has_grants = grants != NULL;
	if (user && (!json_is_string(user) || json_string_length(user) > CLIENT_LABEL_MAX))
		api_fault(
			faults, "/user", "a text of at most %d bytes is wanted", CLIENT_LABEL_MAX);
	else if (user)
		snprintf(change->user, sizeof change->user, "%s", json_string_value(user));
	clock_gettime(CLOCK_REALTIME, &now);
	if (grants)
		api_read_grants(grants, "/grants", now.tv_sec, &change->grants, faults);
}

/* The faults of overrides alone: nothing is stored when the label has one too. */
static void check_overrides(
	struct api_call *call, json_t *overrides, struct settings_faults *faults)
{
	char cut[API_FINGERPRINT_TEXT_SIZE + 16];
	struct display_policy policy;
	struct settings_faults found = { 0 };
	json_t *document = json_pack("{s:{s:O}}", "clients", call->parameter, overrides);
	if (document)
		settings_try(call->api->settings, document, NULL, &policy, &found);
	json_decref(document);
	snprintf(cut, sizeof cut, "/clients/%s", call->parameter);
	api_faults_cut(&found, cut);
	api_faults_prefix(&found, "/overrides");
	for (size_t i = 0; i < found.count; i++)
		api_fault(faults, found.faults[i].pointer, "%s", found.faults[i].text);
}

static void begin_patch(struct api_call *call, struct client_change *change, json_t *body)
{
	static const char *const names[] = { "label", "overrides", "user", "grants", NULL };
	struct settings_faults faults = { 0 };
	struct settings *settings = call->api->settings;
	json_t *overrides = json_object_get(body, "overrides");
	api_body_known(body, "", names, &faults);
	if (json_object_size(body) == 0)
		api_fault(&faults, "", "label, overrides, user or grants are wanted");
	read_label(body, change, &faults);
	read_rights(body, change, &faults);
	if (faults.total) {
		if (overrides)
			check_overrides(call, overrides, &faults);
		api_problem_faults(call, &faults);
		return;
	}
	if (!overrides) {
		set_label(call);
		return;
	}
	change->before = settings_client(settings, change->fingerprint);
	call->then = after_overrides;
	if (change->before &&
		settings_put_client(
			settings, change->fingerprint, overrides, api_call_continue, call, &faults))
		return;
	api_faults_prefix(&faults, "/overrides");
	api_problem_faults(call, &faults);
}

void api_patch_client(struct api_call *call)
{
	uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE];
	if (!find_client(call, fingerprint))
		return;
	json_t *body = api_read_body(call);
	struct client_change *change = body ? change_begin(call, fingerprint) : NULL;
	if (change)
		begin_patch(call, change, body);
	json_decref(body);
}

static void after_unpair(struct api_call *call, int error)
{
	if (error < 0)
		api_problem(call, 500,
			"the client is unpaired, but its overrides cannot be removed: %s",
			strerror(-error));
	else
		api_answer_nothing(call, "");
}

/* The pairing goes first: whatever fails later, the client is not let in any more. */
void api_unpair_client(struct api_call *call)
{
	uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE];
	struct settings_faults faults = { 0 };
	struct api *api = call->api;
	if (!find_client(call, fingerprint))
		return;
	const int error = client_store_remove(api->clients, fingerprint);
	if (error < 0) {
		api_problem(call, 500, "the client cannot be removed: %s; it is still paired",
			strerror(-error));
		return;
	}
	session_host_end_client(api->sessions, fingerprint, "this device was unpaired");
	identity_store_forget(api->identities, fingerprint);
	json_t *before = settings_client(api->settings, fingerprint), *nothing = json_object();
	call->then = after_unpair;
	if (json_object_size(before) == 0)
		api_call_continue(call, 0);
	else if (!settings_put_client(
			 api->settings, fingerprint, nothing, api_call_continue, call, &faults))
		api_call_continue(call, -EIO);
	json_decref(nothing);
	json_decref(before);
}
