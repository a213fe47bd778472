#include "cli/changes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/app_words.h"
#include "cli/texts.h"
#include "cli/view.h"

struct teller {
	void (*tell)(void *data, const char *line);
	void *data;
};

/* A list of things in a document, and how to speak of one of them. */
struct kind {
	const char *topic, *list, *key, *name; /* key: member that tells one from another */
	char *(*describe)(const json_t *one, char *buffer, size_t capacity);
	const char *count; /* TEXT_COUNT_... */
	const char *label; /* member: what one is called */
};

static char *describe_display(const json_t *one, char *buffer, size_t capacity)
{
	char mode[VIEW_MAX], place[VIEW_MAX], sessions[VIEW_MAX];
	const char *output = view_text(one, "output");
	snprintf(buffer, capacity, TEXT_CHANGE_DISPLAY, view_text(one, "state"),
		view_text(one, "label"), view_mode(json_object_get(one, "mode"), mode),
		view_place(json_object_get(one, "place"), place), output[0] ? output : TEXT_NONE,
		view_numbers(json_object_get(one, "sessions"), sessions));
	return buffer;
}

static char *describe_session(const json_t *one, char *buffer, size_t capacity)
{
	char mode[VIEW_MAX], slot[VIEW_MAX];
	const json_t *number = json_object_get(one, "slot");
	snprintf(buffer, capacity, TEXT_CHANGE_SESSION, view_text(one, "label"),
		view_text(one, "peer"), view_text(one, "transport"),
		json_is_integer(number) ? view_field(number, slot) : TEXT_NONE,
		view_mode(json_object_get(one, "mode"), mode),
		json_is_true(json_object_get(one, "joined")) ? TEXT_CHANGE_JOINED : "");
	return buffer;
}

static char *describe_client(const json_t *one, char *buffer, size_t capacity)
{
	char slots[VIEW_MAX];
	snprintf(buffer, capacity, TEXT_CHANGE_CLIENT, view_text(one, "label"),
		view_numbers(json_object_get(one, "slots"), slots),
		json_object_size(json_object_get(one, "overrides")));
	return buffer;
}

static char *describe_request(const json_t *one, char *buffer, size_t capacity)
{
	snprintf(buffer, capacity, TEXT_CHANGE_REQUEST, view_text(one, "label"),
		view_text(one, "peer"),
		(long long)json_integer_value(json_object_get(one, "session")));
	return buffer;
}

static char *describe_output(const json_t *one, char *buffer, size_t capacity)
{
	char mode[VIEW_MAX], place[VIEW_MAX];
	snprintf(buffer, capacity, TEXT_CHANGE_OUTPUT,
		json_is_true(json_object_get(one, "enabled")) ? TEXT_ON : TEXT_OFF,
		view_mode(json_object_get(one, "mode"), mode),
		view_place(json_object_get(one, "place"), place));
	return buffer;
}

static char *describe_person(const json_t *one, char *buffer, size_t capacity)
{
	char sessions[VIEW_MAX];
	snprintf(buffer, capacity, TEXT_CHANGE_PERSON, view_text(one, "name"),
		view_text(one, "state"), view_numbers(json_object_get(one, "sessions"), sessions));
	return buffer;
}

static char *describe_app(const json_t *one, char *buffer, size_t capacity)
{
	char *command = app_words_command(json_object_get(one, "command"));
	snprintf(buffer, capacity, TEXT_CHANGE_APP, view_text(one, "name"),
		view_text(one, "desktop"), command ? command : TEXT_NONE);
	free(command);
	return buffer;
}

static const struct kind kinds[] = {
	{ "displays", "displays", "slot", "display", describe_display, TEXT_COUNT_DISPLAYS,
		"label" },
	{ "displays", "outputs", "name", "output", describe_output, TEXT_COUNT_OUTPUTS, "label" },
	{ "sessions", "sessions", "session", "session", describe_session, TEXT_COUNT_SESSIONS,
		"label" },
	{ "clients", "clients", "fingerprint", "client", describe_client, TEXT_COUNT_CLIENTS,
		"label" },
	{ "pairing", "requests", "session", "request", describe_request, TEXT_COUNT_REQUESTS,
		"label" },
	{ "presence", "people", "person", "person", describe_person, TEXT_COUNT_PEOPLE, "name" },
	{ "apps", "apps", "id", "app", describe_app, TEXT_COUNT_APPS, "name" },
};

static void say(const struct teller *teller, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct teller *teller, const char *format, ...)
{
	char *line = NULL;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&line, format, arguments) >= 0) {
		teller->tell(teller->data, line);
		free(line);
	}
	va_end(arguments);
}

static const json_t *find(const json_t *list, const char *key, const json_t *value)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
	{
		if (json_equal(json_object_get(one, key), value))
			return one;
	}
	return NULL;
}

static void name_of(const struct kind *kind, const json_t *one, char buffer[VIEW_MAX])
{
	char text[VIEW_MAX];
	const char *key = view_field(json_object_get(one, kind->key), text);
	/* Of a fingerprint its beginning. */
	snprintf(buffer, VIEW_MAX, "%s %.*s", kind->name,
		strcmp(kind->key, "fingerprint") == 0 ? 12 : 100, key);
}

static void compare_lists(const struct kind *kind, const json_t *before, const json_t *after,
	const struct teller *teller)
{
	size_t i;
	json_t *one;
	char name[VIEW_MAX], old_words[600], words[600];
	json_array_foreach(after, i, one)
	{
		const json_t *old = find(before, kind->key, json_object_get(one, kind->key));
		name_of(kind, one, name);
		kind->describe(one, words, sizeof words);
		if (!old)
			say(teller, TEXT_CHANGE_NEW, name, words);
		else if (strcmp(kind->describe(old, old_words, sizeof old_words), words) != 0)
			say(teller, TEXT_CHANGE_NOW, name, words);
	}
	json_array_foreach(before, i, one)
	{
		if (find(after, kind->key, json_object_get(one, kind->key)))
			continue;
		name_of(kind, one, name);
		say(teller, TEXT_CHANGE_GONE, name, view_text(one, kind->label));
	}
}

static void compare_fields(const json_t *before, const json_t *after, const struct teller *teller)
{
	const char *field;
	json_t *value;
	char old_text[VIEW_MAX], text[VIEW_MAX];
	json_object_foreach((json_t *)after, field, value)
	{
		const json_t *old = json_object_get(before, field);
		if (!json_equal(old, value))
			say(teller, TEXT_CHANGE_FIELD, field, view_field(old, old_text),
				view_field(value, text));
	}
}

static void compare_pin(const json_t *before, const json_t *after, const struct teller *teller)
{
	const bool armed = json_is_true(json_object_get(after, "armed"));
	if (armed != json_is_true(json_object_get(before, "armed")))
		say(teller, "%s", armed ? TEXT_CHANGE_PIN_ARMED : TEXT_CHANGE_PIN_GONE);
}

static void compare_desktop(const json_t *before, const json_t *after, const struct teller *teller)
{
	const char *backend = view_text(after, "backend");
	const char *applied = view_text(json_object_get(after, "topology"), "applied");
	const bool ready = json_is_true(json_object_get(after, "ready"));
	if (ready != json_is_true(json_object_get(before, "ready")))
		say(teller, ready ? TEXT_CHANGE_DESKTOP_READY : TEXT_CHANGE_DESKTOP_GONE, backend);
	if (strcmp(applied, view_text(json_object_get(before, "topology"), "applied")) != 0)
		say(teller, TEXT_CHANGE_TOPOLOGY, applied);
}

/* A request that is answered by nobody keeps its place, and asks for nothing any more. */
static bool is_asking(const json_t *control, const json_t *session)
{
	const json_t *place = find(json_object_get(control, "line"), "session", session);
	return json_is_number(json_object_get(place, "asks_for"));
}

static void compare_control(const json_t *before, const json_t *after, const struct teller *teller)
{
	size_t i;
	json_t *place;
	const json_t *holder = json_object_get(after, "holder");
	const bool same_mode =
		json_equal(json_object_get(before, "mode"), json_object_get(after, "mode"));
	if (!same_mode && strcmp(view_text(after, "mode"), "free") == 0)
		say(teller, TEXT_CHANGE_FREE);
	else if (json_is_integer(holder) && !json_equal(json_object_get(before, "holder"), holder))
		say(teller, TEXT_CHANGE_HOLDER, (long long)json_integer_value(holder));
	else if (json_is_null(holder) && !json_is_null(json_object_get(before, "holder")))
		say(teller, TEXT_CHANGE_NO_HOLDER);
	json_array_foreach(json_object_get(after, "line"), i, place)
	{
		const json_t *session = json_object_get(place, "session");
		const long long number = (long long)json_integer_value(session);
		if (is_asking(after, session) && !is_asking(before, session))
			say(teller, TEXT_CHANGE_ASKS, number, number);
	}
}

/* For the first time: only how many there are. */
static void count(const char *topic, const json_t *document, const struct teller *teller)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const size_t size = json_array_size(json_object_get(document, kinds[i].list));
		if (strcmp(kinds[i].topic, topic) == 0)
			say(teller, TEXT_COUNT, kinds[i].count, size);
	}
	if (strcmp(topic, "settings") == 0)
		say(teller, TEXT_COUNT_SETTINGS,
			view_text(json_object_get(document, "effective"), "preset"));
}

static void compare(
	const char *topic, const json_t *before, const json_t *after, const struct teller *teller)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const struct kind *kind = &kinds[i];
		if (strcmp(kind->topic, topic) == 0)
			compare_lists(kind, json_object_get(before, kind->list),
				json_object_get(after, kind->list), teller);
	}
	if (strcmp(topic, "displays") == 0)
		compare_desktop(json_object_get(before, "desktop"),
			json_object_get(after, "desktop"), teller);
	if (strcmp(topic, "control") == 0)
		compare_control(before, after, teller);
	if (strcmp(topic, "pairing") == 0)
		compare_pin(before, after, teller);
	if (strcmp(topic, "settings") == 0)
		compare_fields(json_object_get(before, "effective"),
			json_object_get(after, "effective"), teller);
}

bool changes_start(struct changes *changes)
{
	changes->topics = json_object();
	return changes->topics;
}

void changes_finish(struct changes *changes)
{
	json_decref(changes->topics);
	changes->topics = NULL;
}

void changes_take(struct changes *changes, const char *topic, const json_t *document,
	void (*tell)(void *data, const char *line), void *data)
{
	const struct teller teller = { tell, data };
	const json_t *before = json_object_get(changes->topics, topic);
	if (before)
		compare(topic, before, document, &teller);
	else
		count(topic, document, &teller);
	json_object_set(changes->topics, topic, (json_t *)document);
}
