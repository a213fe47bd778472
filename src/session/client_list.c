#include "session/client_list.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/grants.h"
#include "core/hex.h"
#include "core/wire.h"

#define LIST_VERSION 1
#define KEY_DIGITS ((size_t)2 * CLIENT_KEY_SIZE)

bool client_label_valid(const char *label, size_t size)
{
	return size >= 1 && size <= CLIENT_LABEL_MAX && wire_utf8_valid(label, size);
}

struct client *client_list_find(
	const struct client_list *list, const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE])
{
	for (size_t i = 0; i < list->count; i++) {
		const struct client *client = &list->clients[i];
		if (memcmp(client->fingerprint, fingerprint, CLIENT_FINGERPRINT_SIZE) == 0)
			return (struct client *)client;
	}
	return NULL;
}

static bool parse_key(const char *digits, size_t count, uint8_t key[CLIENT_KEY_SIZE])
{
	return count == KEY_DIGITS && hex_read(digits, key, CLIENT_KEY_SIZE) && key[0] == 4;
}

__attribute__((format(printf, 3, 4))) static void warn_entry(
	struct client_list_reader *reader, size_t index, const char *format, ...)
{
	char reason[CLIENT_LIST_FAULT_MAX], sentence[CLIENT_LIST_FAULT_MAX + 64];
	if (!reader->warn)
		return;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reason, sizeof reason, format, arguments);
	va_end(arguments);
	snprintf(sentence, sizeof sentence, "entry %zu is dropped: %s", index + 1, reason);
	reader->warn(reader->data, sentence);
}

static bool parse_grants(const json_t *words, uint32_t *planes)
{
	size_t index;
	json_t *word;
	*planes = 0;
	if (!json_is_array(words))
		return false;
	json_array_foreach(words, index, word)
	{
		enum grant_plane plane;
		if (!json_is_string(word) || !grant_plane_parse(json_string_value(word), &plane))
			return false;
		*planes |= 1u << plane;
	}
	return true;
}

/* What may be absent: grants, a temporary set, the person. */
static bool parse_rights(json_t *grants, json_t *temporary, const char *user, size_t user_size,
	struct client *client)
{
	json_t *words = NULL;
	json_int_t until = 0;
	client->planes = GRANTS_ALL;
	if (grants && !parse_grants(grants, &client->planes))
		return false;
	if (temporary &&
		(json_unpack_ex(temporary, NULL, JSON_STRICT, "{s:o, s:I}", "grants", &words,
			 "until", &until) < 0 ||
			!parse_grants(words, &client->temporary_planes) || until <= 0))
		return false;
	client->until_s = until;
	if (user && !client_label_valid(user, user_size))
		return false;
	if (user)
		memcpy(client->user, user, user_size);
	return true;
}

static json_t *format_grants(uint32_t planes)
{
	json_t *words = json_array();
	for (enum grant_plane plane = 0; plane < GRANT_PLANES; plane++) {
		if (planes >> plane & 1)
			json_array_append_new(words, json_string(grant_plane_name(plane)));
	}
	return words;
}

static void format_rights(json_t *entry, const struct client *client)
{
	if (client->planes != GRANTS_ALL)
		json_object_set_new(entry, "grants", format_grants(client->planes));
	if (client->until_s > 0)
		json_object_set_new(entry, "temporary",
			json_pack("{s:o, s:I}", "grants", format_grants(client->temporary_planes),
				"until", (json_int_t)client->until_s));
	if (client->user[0])
		json_object_set_new(entry, "user", json_string(client->user));
}

/* False, with a warning, when the entry is not to be kept. */
static bool parse_entry(
	json_t *entry, size_t index, struct client *client, struct client_list_reader *reader)
{
	const char *label = NULL, *digits = NULL, *user = NULL;
	json_t *grants = NULL, *temporary = NULL;
	size_t label_size = 0, digit_count = 0, user_size = 0;
	json_int_t paired_at = 0;
	json_error_t error;
	if (json_unpack_ex(entry, &error, JSON_STRICT, "{s:s%, s:s%, s:I, s?o, s?o, s?s%}", "label",
		    &label, &label_size, "key", &digits, &digit_count, "paired_at", &paired_at,
		    "grants", &grants, "temporary", &temporary, "user", &user, &user_size) < 0) {
		warn_entry(reader, index, "%s", error.text);
		return false;
	}
	if (!client_label_valid(label, label_size)) {
		warn_entry(reader, index, "label is not 1 to %d bytes", CLIENT_LABEL_MAX);
		return false;
	}
	*client = (struct client){ .paired_at_s = paired_at };
	memcpy(client->label, label, label_size);
	if (!parse_key(digits, digit_count, client->key)) {
		warn_entry(reader, index, "key of '%s' is no uncompressed point in hexadecimal",
			client->label);
		return false;
	}
	if (paired_at < 0) {
		warn_entry(reader, index, "paired_at of '%s' is negative", client->label);
		return false;
	}
	if (!parse_rights(grants, temporary, user, user_size, client)) {
		warn_entry(
			reader, index, "grants, temporary or user of '%s' is wrong", client->label);
		return false;
	}
	client_fingerprint(client->key, client->fingerprint);
	return true;
}

static void parse_entries(
	json_t *entries, struct client_list *list, struct client_list_reader *reader)
{
	size_t index;
	json_t *entry;
	json_array_foreach(entries, index, entry)
	{
		struct client client;
		if (!parse_entry(entry, index, &client, reader))
			continue;
		if (client_list_find(list, client.fingerprint))
			warn_entry(reader, index, "the key of '%s' is there twice", client.label);
		else if (list->count == CLIENT_LIST_MAX)
			warn_entry(reader, index, "there are %d clients already", CLIENT_LIST_MAX);
		else
			list->clients[list->count++] = client;
	}
}

bool client_list_parse(
	const char *bytes, size_t size, struct client_list *list, struct client_list_reader *reader)
{
	list->count = 0;
	reader->fault[0] = '\0';
	if (size > CLIENT_LIST_TEXT_MAX) {
		snprintf(reader->fault, sizeof reader->fault, "longer than %d bytes",
			CLIENT_LIST_TEXT_MAX);
		return false;
	}
	json_error_t error;
	json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
	if (!root) {
		snprintf(
			reader->fault, sizeof reader->fault, "line %d: %s", error.line, error.text);
		return false;
	}
	int version = 0;
	json_t *entries = NULL;
	bool good = false;
	if (json_unpack_ex(root, &error, JSON_STRICT, "{s:i, s:o}", "version", &version, "clients",
		    &entries) < 0)
		snprintf(reader->fault, sizeof reader->fault, "%s", error.text);
	else if (version != LIST_VERSION)
		snprintf(reader->fault, sizeof reader->fault, "version is %d, %d expected", version,
			LIST_VERSION);
	else if (!json_is_array(entries))
		snprintf(reader->fault, sizeof reader->fault, "clients is no array");
	else
		good = true;
	if (good)
		parse_entries(entries, list, reader);
	json_decref(root);
	return good;
}

char *client_list_format(const struct client_list *list)
{
	char *text = NULL;
	json_t *entries = json_array();
	for (size_t i = 0; i < list->count; i++) {
		const struct client *client = &list->clients[i];
		char digits[KEY_DIGITS + 1];
		hex_write(client->key, sizeof client->key, digits);
		json_t *entry = json_pack("{s:s, s:s, s:I}", "label", client->label, "key", digits,
			"paired_at", (json_int_t)client->paired_at_s);
		if (entry)
			format_rights(entry, client);
		if (json_array_append_new(entries, entry) < 0)
			goto out; /* no memory: appending nothing fails too */
	}
	json_t *root = json_pack("{s:i, s:O}", "version", LIST_VERSION, "clients", entries);
	if (root)
		text = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
out:
	json_decref(entries);
	return text;
}
