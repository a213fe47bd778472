#include "core/admission.h"

const char *admission_kind_name(enum admission_kind kind)
{
	switch (kind) {
	case ADMISSION_CREATE:
		return "create";
	case ADMISSION_REUSE:
		return "reuse";
	case ADMISSION_RECONFIGURE:
		return "reconfigure";
	case ADMISSION_RECREATE:
		return "recreate";
	case ADMISSION_JOIN:
		return "join";
	case ADMISSION_STEAL:
		return "steal";
	case ADMISSION_TRANSFER:
		return "transfer";
	case ADMISSION_REJECT:
		return "reject";
	}
	return "?";
}

const char *admission_rejection_name(enum admission_rejection rejection)
{
	switch (rejection) {
	case ADMISSION_NOT_REJECTED:
		return "none";
	case ADMISSION_BUSY:
		return "busy";
	case ADMISSION_FULL:
		return "full";
	case ADMISSION_ENCODER_BUSY:
		return "encoder-busy";
	}
	return "?";
}

struct reason_words {
	const char *name, *text;
};

static const struct reason_words words[ADMISSION_REASON_CODES] = {
	[ADMISSION_REASON_ANONYMOUS] = { "anonymous",
		"The client is not paired, so no display is its own." },
	[ADMISSION_REASON_OWN_DISPLAY] = { "own-display", "The client's own display exists." },
	[ADMISSION_REASON_PREEMPTS_OWN_SESSION] = { "preempts-own-session",
		"The client's older session makes way: one device, one seat." },
	[ADMISSION_REASON_SAME_MODE] = { "same-mode", "The display has the wanted mode." },
	[ADMISSION_REASON_OTHER_MODE] = { "other-mode", "The display has another mode." },
	[ADMISSION_REASON_CANNOT_RECONFIGURE] = { "cannot-reconfigure",
		"The desktop cannot change a display's mode, so the display is created anew." },
	[ADMISSION_REASON_CLOSING] = { "closing",
		"The display is closing, so it is created anew." },
	[ADMISSION_REASON_NOBODY_ELSE] = { "nobody-else", "No other client is on the desktop." },
	[ADMISSION_REASON_OTHERS_LIVE] = { "others-live", "Another client is on the desktop." },
	[ADMISSION_REASON_POLICY_SEPARATE] = { "policy-separate",
		"The policy gives each client a display of its own." },
	[ADMISSION_REASON_POLICY_JOIN] = { "policy-join",
		"The policy lets the client join the display that is there." },
	[ADMISSION_REASON_POLICY_STEAL] = { "policy-steal",
		"The policy lets the client take the desktop over." },
	[ADMISSION_REASON_POLICY_REJECT] = { "policy-reject",
		"The policy turns further clients away." },
	[ADMISSION_REASON_ONE_OUTPUT_ONLY] = { "one-output-only",
		"The desktop cannot hold a second display." },
	[ADMISSION_REASON_ROOM] = { "room", "There is room for a display more." },
	[ADMISSION_REASON_EVICTS] = { "evicts",
		"The kept display that is nearest its end closes to make room." },
	[ADMISSION_REASON_FULL] = { "full", "Every display that may exist is in use or kept." },
	[ADMISSION_REASON_FULL_STEALS] = { "full-steals",
		"The displays that are taken over make the room." },
	[ADMISSION_REASON_TRANSFERS] = { "transfers",
		"The display passes to the client as it is, with what runs on it." },
	[ADMISSION_REASON_NO_ENCODER] = { "no-encoder", "The encoder cannot open another stream." },
};

const char *admission_reason_name(enum admission_reason_code code)
{
	return (unsigned)code < ADMISSION_REASON_CODES ? words[code].name : "?";
}

const char *admission_reason_text(enum admission_reason_code code)
{
	return (unsigned)code < ADMISSION_REASON_CODES ? words[code].text : "?";
}
