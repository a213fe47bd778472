#include "lodge_client.h"

static const char *name_of(const char *const *names, size_t count, uint16_t code)
{
	return code >= 1 && code <= count ? names[code - 1] : "unknown";
}

#define NAME_OF(names, code) name_of(names, sizeof(names) / sizeof *(names), code)

const char *lodge_refusal_name(uint16_t code)
{
	static const char *const names[] = { "malformed", "unsupported_version", "unknown_client",
		"wrong_pin", "no_pin", "rate_limited", "bad_signature", "too_many_sessions",
		"timeout", "flood", "denied" };
	return NAME_OF(names, code);
}

const char *lodge_end_name(uint16_t code)
{
	static const char *const names[] = { "superseded", "taken_over", "released_by_operator",
		"desktop_gone", "shutdown", "internal", "app_ended" };
	return NAME_OF(names, code);
}

const char *lodge_decline_name(uint16_t code)
{
	static const char *const names[] = { "bad_mode", "create_failed", "timeout", "no_desktop",
		"unknown_display", "full", "busy", "encoder_busy", "shutting_down" };
	return NAME_OF(names, code);
}
