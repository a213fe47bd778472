#include "api/body.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/answer.h"
#include "api/internal.h"

/* Looked at before it is parsed: the parser would follow any depth on our stack. */
static bool is_too_deep(const char *bytes, size_t size)
{
	unsigned depth = 0;
	bool text = false;
	for (size_t i = 0; i < size; i++) {
		if (text && bytes[i] == '\\')
			i++;
		else if (bytes[i] == '"')
			text = !text;
		else if (!text && (bytes[i] == '{' || bytes[i] == '[')) {
			if (++depth > API_BODY_DEPTH_MAX)
				return true;
		} else if (!text && depth > 0 && (bytes[i] == '}' || bytes[i] == ']')) {
			depth--;
		}
	}
	return false;
}

static bool is_json_type(const struct api_request *request)
{
	static const char type[] = "application/json";
	const char *value = request->header(request->header_data, "Content-Type");
	if (!value || strncasecmp(value, type, sizeof type - 1) != 0)
		return false;
	const char after = value[sizeof type - 1];
	return after == '\0' || after == ';' || after == ' ';
}

json_t *api_read_body(struct api_call *call)
{
	const struct api_request *request = call->request;
	json_error_t error;
	if (!is_json_type(request)) {
		api_problem(call, 415, "the body must be JSON (Content-Type: application/json)");
		return NULL;
	}
	if (is_too_deep(request->body, request->body_size)) {
		api_problem(
			call, 400, "the body is nested deeper than %d levels", API_BODY_DEPTH_MAX);
		return NULL;
	}
	json_t *body = json_loadb(request->body_size ? request->body : "", request->body_size,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!body) {
		api_problem(call, 400, "the body is no JSON: %s (line %d, column %d)", error.text,
			error.line, error.column);
		return NULL;
	}
	if (!json_is_object(body)) {
		struct settings_faults faults = { 0 };
		api_fault(&faults, "", "an object is wanted");
		api_problem_faults(call, &faults);
		json_decref(body);
		return NULL;
	}
	return body;
}

void api_pointer(char *buffer, size_t capacity, const char *pointer, const char *name)
{
	size_t used = (size_t)snprintf(buffer, capacity, "%s/", pointer);
	for (; *name && used + 3 < capacity; name++) {
		if (*name == '~' || *name == '/') {
			buffer[used++] = '~';
			buffer[used++] = *name == '~' ? '0' : '1';
		} else {
			buffer[used++] = *name;
		}
	}
	buffer[used < capacity ? used : capacity - 1] = '\0';
}

void api_body_known(const json_t *object, const char *pointer, const char *const names[],
	struct settings_faults *faults)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)object, name, value)
	{
		size_t i = 0;
		while (names[i] && strcmp(names[i], name) != 0)
			i++;
		if (names[i])
			continue;
		char where[160];
		api_pointer(where, sizeof where, pointer, name);
		api_fault(faults, where, "nobody knows this field");
	}
}

int64_t api_body_integer(const json_t *object, const char *pointer, const char *name, int64_t least,
	int64_t most, int64_t fallback, struct settings_faults *faults)
{
	const json_t *value = json_object_get(object, name);
	if (!value)
		return fallback;
	if (json_is_integer(value) && json_integer_value(value) >= least &&
		json_integer_value(value) <= most)
		return json_integer_value(value);
	char where[160];
	api_pointer(where, sizeof where, pointer, name);
	api_fault(faults, where, "a whole number from %lld to %lld is wanted", (long long)least,
		(long long)most);
	return fallback;
}
