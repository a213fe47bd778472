/*
 * Every sentence that lodge says, but for the commands' help (cli/commands.c). English only.
 *
 * Macros, so that the compiler compares formats with their arguments.
 */
#ifndef LODGE_CLI_TEXTS_H
#define LODGE_CLI_TEXTS_H

/* The command line */
#define TEXT_OPTION_UNKNOWN "option '%.100s' is unknown; see lodge --help"
#define TEXT_OPTION_WITHOUT_VALUE "option '%.100s' needs a value; see lodge --help"
#define TEXT_OPTION_FOREIGN "'%s' takes no --%s; see lodge %s --help"
#define TEXT_TOO_MANY_WORDS "more than %d words"
#define TEXT_TIMEOUT_WRONG "--timeout '%.100s': seconds expected, 1 to %d"
#define TEXT_COMMAND_UNKNOWN "'%.100s' is no command; see lodge --help"
#define TEXT_WORD_UNEXPECTED "'%s' does not expect '%.100s'; see lodge %s --help"
#define TEXT_NUMBER_WRONG "%s '%.100s': a number from %ld to %ld expected"
#define TEXT_ARGUMENT_MISSING "'%s' needs %s; see lodge %s --help"
#define TEXT_NO_MEMORY "out of memory"
#define TEXT_OUTPUT_FAILED "standard output: %s"

/* Finding the host */
#define TEXT_HOST_WRONG "host '%.200s': https://NAME[:PORT] expected, and nothing behind it"
#define TEXT_NO_STATE_FOLDER                                                                       \
	"neither XDG_STATE_HOME nor HOME is set; name the state folder with --state"
#define TEXT_REMOTE_TOKEN                                                                          \
	"%s is another machine: name the file with its admin token with --token-file"
#define TEXT_TOKEN_UNREADABLE                                                                      \
	"the admin token %s cannot be read: %s; run this as the user who runs lodged, or name "    \
	"the file with --token-file"
#define TEXT_TOKEN_WRONG "%s holds no token (one line of letters, digits, '-' and '_')"
#define TEXT_CERTIFICATE_UNREADABLE                                                                \
	"the host's certificate %s cannot be read: %s; has lodged run here? "                      \
	"Name its state folder with --state, or a certificate with --ca"
#define TEXT_CERTIFICATE_NONE "%s holds no certificate; name one with --ca"
#define TEXT_SYSTEM_AUTHORITIES "the system's authorities"

/* Asking */
#define TEXT_NO_CONNECTION                                                                         \
	"%s: no connection: %s; is lodged running there? Name another host with --host"
#define TEXT_NO_ANSWER "%s: no answer to %s within %u s; wait longer with --timeout"
#define TEXT_WRONG_CERTIFICATE                                                                     \
	"%s does not prove to be the host that %s speaks for: %s; if it is the right one, name "   \
	"its certificate with --ca"
#define TEXT_BROKEN_OFF "%s: %s broke off: %s"
#define TEXT_NO_JSON "the answer to %s is no JSON: %s (line %d)"
#define TEXT_TOO_LONG "the answer to %s is longer than %d bytes"
#define TEXT_REFUSED "%s %s: %s (%d)"
#define TEXT_REFUSED_WORD "%s %s: %s: %s (%d)"
#define TEXT_REFUSED_STATUS "%s %s: status %d without a word"
#define TEXT_NO_API "%s has no management API at %s (%d); is it a lodged of this version?"
#define TEXT_FAULT "  %s: %s\n"
#define TEXT_WHOLE "the whole"
#define TEXT_ANSWER_STRANGE "the answer to %s is not what this version of lodge understands"

/* Tables and sentences */
#define TEXT_NONE "-"
#define TEXT_ON "on"
#define TEXT_OFF "off"
#define TEXT_ANYBODY "(not paired)"
#define TEXT_PINNED "%s, %zu pinned"
#define TEXT_PIN_MARK " pinned"
#define TEXT_STATUS_HOST "%s runs lodged %s"
#define TEXT_STATUS_UPTIME "up for %s"
#define TEXT_STATUS_SESSIONS "sessions: %lld"
#define TEXT_STATUS_DISPLAYS "displays: %lld (%lld kept without a session)"
#define TEXT_STATUS_PAIRING "clients that ask to be paired: %lld"
#define TEXT_CONSOLE_ADDRESS "%s/console/"
#define TEXT_CONSOLE_CODE "code: %s (for one login, within %s)"
#define TEXT_DESKTOP "desktop %s, topology %s, %zu of %lld displays"
#define TEXT_DESKTOP_INSTEAD "desktop %s, topology %s (%s is wanted), %zu of %lld displays"
#define TEXT_OWN_DESKTOP "\n%s: a desktop of its own%s%s\n"
#define TEXT_DESKTOP_GONE "desktop %s is not there"
#define TEXT_HEADINGS_DISPLAYS                                                                     \
	{                                                                                          \
		"SLOT", "STATE", "CLIENT", "MODE", "PLACE", "OUTPUT", "SESSIONS", "CLOSES IN",     \
			NULL                                                                       \
	}
#define TEXT_HEADINGS_OUTPUTS                                                                      \
	{                                                                                          \
		"OTHER OUTPUT", "STATE", "MODE", "PLACE", NULL                                     \
	}
#define TEXT_RELEASED_ONE "1 display closes"
#define TEXT_RELEASED "%lld displays close"
#define TEXT_HEADINGS_PRESETS                                                                      \
	{                                                                                          \
		"", "PRESET", "KEEP ALIVE", "TOPOLOGY", "MODE CONFLICT", "IDENTITY", "LAYOUT",     \
			NULL                                                                       \
	}
#define TEXT_PRESET_MARK "*"
#define TEXT_PRESET_NONE "no preset '%.100s'; there are%s and custom"
#define TEXT_PRESET_CHOSEN "preset %s; it counts from the next connect or disconnect on"
#define TEXT_HEADINGS_SETTINGS                                                                     \
	{                                                                                          \
		"FIELD", "VALUE", "FROM", NULL                                                     \
	}
#define TEXT_SETTINGS_SAVED "saved; it counts from the next connect or disconnect on"
#define TEXT_SETTINGS_OVERRIDES "clients with overrides: %zu (lodge clients)"
#define TEXT_PRESET_LEFT "the preset '%s' was left: its values are written out under 'custom'"
#define TEXT_PRESET_AND_FIELD "'%.100s' does not count under a preset; choose one of both"
#define TEXT_CAPABILITY "not here: %s (%s)"
#define TEXT_CAPABILITY_INSTEAD "not here: %s, instead: %s (%s)"
#define TEXT_FILE_UNREADABLE "%s cannot be read: %s"
#define TEXT_FILE_NO_JSON "%s: line %d: %s"

/* Clients, sessions, pairing */
#define TEXT_HEADINGS_CLIENTS                                                                      \
	{                                                                                          \
		"FINGERPRINT", "LABEL", "PAIRED", "SESSIONS", "SLOTS", "OVERRIDES", NULL           \
	}
#define TEXT_NO_CLIENTS "no client is paired; pair one with: lodge pair"
#define TEXT_FIND_WRONG "%s '%.100s': the beginning of a %s expected; see %s"
#define TEXT_FIND_NONE "no %s's %s begins with '%.100s'; see %s"
#define TEXT_FIND_MANY "'%.100s' begins %zu %ss: write more of it; see %s"
#define TEXT_UNPAIRED "%s is not paired any more"
#define TEXT_HEADINGS_SESSIONS                                                                     \
	{                                                                                          \
		"SESSION", "CLIENT", "FROM", "TRANSPORT", "SINCE", "SLOT", "MODE", "DROPPED",      \
			"GRANTS", NULL                                                             \
	}
#define TEXT_SESSION_GUEST " (guest)"
#define TEXT_NO_SESSIONS "nobody is attached"
#define TEXT_SESSION_ENDED "session %ld has ended; its display follows the policy"
#define TEXT_PAIR_PIN "PIN %s (holds %s; Ctrl-C voids it)"
#define TEXT_PAIR_REQUEST "%s (%s) asks to be paired: lodge pair approve %lld"
#define TEXT_PAIRED "paired: %s"
#define TEXT_PAIR_CANCELLED "stopped; the PIN is void"
#define TEXT_PAIR_OVER                                                                             \
	"the PIN holds no longer, and no client was paired: it expired, was tried wrong, or "      \
	"voided"
#define TEXT_PAIR_NO_PIN "no PIN is armed"
#define TEXT_PAIR_DECIDED "done; %zu more ask to be paired"

/* People, grants, guests */
#define TEXT_HEADINGS_PEOPLE                                                                       \
	{                                                                                          \
		"PERSON", "STATE", "BY", "SESSIONS", "HERE FOR", NULL                              \
	}
#define TEXT_WHO_VIEW_ONLY " (view only)"
#define TEXT_WHO_OFF                                                                               \
	"presence is off: nobody is told of anybody; turn it on with: lodge settings set "         \
	"presence=on"
#define TEXT_WHO_NOBODY "nobody is here"
#define TEXT_HEADINGS_LINE                                                                         \
	{                                                                                          \
		"WAITS", "CLIENT", "ASKS FOR", NULL                                                \
	}
#define TEXT_CONTROL_FREE                                                                          \
	"everybody who may give input gives it; one at a time with: lodge settings set "           \
	"control=one-at-a-time"
#define TEXT_CONTROL_NOBODY "nobody has control"
#define TEXT_CONTROL_HOLDER "session %lld has control (%s)"
#define TEXT_CONTROL_AWAY "session %lld has control, and is gone; it may come back within %s"
#define TEXT_CONTROL_NO_LINE "nobody waits"
#define TEXT_HEADINGS_GRANTS                                                                       \
	{                                                                                          \
		"FINGERPRINT", "LABEL", "PERSON", "GRANTS", "FOR A TIME", NULL                     \
	}
#define TEXT_GRANTS_UNTIL "%s until %s"
#define TEXT_UNTIL_WRONG                                                                           \
	"--until '%.100s': a time such as 18:30, 2027-01-15 or 2027-01-15T18:30 expected"
#define TEXT_UNTIL_RANGE "--until '%.100s': a time between %s and %s from now expected"
#define TEXT_UNTIL_AND_SECONDS "--until and --seconds: only one of them says how long"
#define TEXT_HEADINGS_INVITATIONS                                                                  \
	{                                                                                          \
		"ID", "LABEL", "STATE", "GRANTS", "USES LEFT", "COUNTS FOR", "STAY", "GUESTS",     \
			NULL                                                                       \
	}
#define TEXT_INVITE_UNTIL_LEAVE "until they leave"
#define TEXT_INVITE_NONE "there is no invitation; make one with: lodge invite create"
#define TEXT_INVITE_LINK "link: %s%s"
#define TEXT_INVITE_PIN "PIN: %s (said this once; better not sent together with the link)"
#define TEXT_INVITE_TERMS "invitation %s lets %lld in within %s; grants: %s"
#define TEXT_INVITE_REVOKED "nobody is let in by it any more"

/* Apps */
#define TEXT_HEADINGS_APPS                                                                         \
	{                                                                                          \
		"ID", "NAME", "DESKTOP", "MODE", "COMMAND", NULL                                   \
	}
#define TEXT_APPS_NONE "there is no app; add one with: lodge apps add ID command=COMMAND"
#define TEXT_APP_THERE "there is an app '%.100s' already; change it with: lodge apps set %.100s"
#define TEXT_APP_NO_SUCH "no app has the id '%.100s' (lodge apps)"
#define TEXT_APP_FIELD                                                                             \
	"'%.100s': the field is none of name, command, desktop, mode, icon, environment.NAME"
#define TEXT_APP_MODE "mode '%.100s': WIDTHxHEIGHT[@HZ] expected, such as 1920x1080@60"

/* Explaining and watching */
#define TEXT_MODE_WRONG "--mode '%.100s': WIDTHxHEIGHT[@HZ] expected, such as 1920x1080@60"
#define TEXT_EXPLAIN_DECISION "  decision: %s%s%s"
#define TEXT_EXPLAIN_LINE "  %s: %s"
#define TEXT_EXPLAIN_REASON "  %zu. %s (rule %lld)"
#define TEXT_SIGNALS "signals cannot be awaited: %s"
#define TEXT_WATCH_LOST "%s: the connection is lost; trying again"
#define TEXT_WATCH_BACK "%s: connected again"
#define TEXT_EVENT_NO_JSON "an event '%s' is no JSON: %s"
#define TEXT_EVENT_TOO_LONG "an event is longer than %d bytes"
#define TEXT_COUNT "%s: %zu"
#define TEXT_COUNT_DISPLAYS "displays"
#define TEXT_COUNT_OUTPUTS "other outputs"
#define TEXT_COUNT_SESSIONS "sessions"
#define TEXT_COUNT_CLIENTS "paired clients"
#define TEXT_COUNT_REQUESTS "clients that ask to be paired"
#define TEXT_COUNT_PEOPLE "people"
#define TEXT_COUNT_APPS "apps"
#define TEXT_COUNT_SETTINGS "preset: %s"
#define TEXT_CHANGE_NEW "%s: new, %s"
#define TEXT_CHANGE_NOW "%s: %s"
#define TEXT_CHANGE_GONE "%s: gone (%s)"
#define TEXT_CHANGE_DISPLAY "%s, %s, %s at %s on %s, sessions %s"
#define TEXT_CHANGE_SESSION "%s from %s by %s, slot %s, %s%s"
#define TEXT_CHANGE_JOINED " (joined)"
#define TEXT_CHANGE_CLIENT "%s, slots %s, %zu overrides"
#define TEXT_CHANGE_REQUEST "%s from %s: lodge pair approve %lld"
#define TEXT_CHANGE_OUTPUT "%s, %s at %s"
#define TEXT_CHANGE_PERSON "%s, %s, sessions %s"
#define TEXT_CHANGE_APP "%s, desktop %s, %s"
#define TEXT_CHANGE_HOLDER "control: session %lld has it"
#define TEXT_CHANGE_NO_HOLDER "control: nobody has it"
#define TEXT_CHANGE_FREE "control: everybody may give input"
#define TEXT_CHANGE_ASKS "control: session %lld asks for it: lodge control grant %lld"
#define TEXT_CHANGE_FIELD "settings: %s was %s, is %s"
#define TEXT_CHANGE_PIN_ARMED "pairing: a PIN is armed"
#define TEXT_CHANGE_PIN_GONE "pairing: no PIN is armed"
#define TEXT_CHANGE_DESKTOP_READY "desktop: %s is there"
#define TEXT_CHANGE_DESKTOP_GONE "desktop: %s is gone"
#define TEXT_CHANGE_TOPOLOGY "desktop: topology %s"

/* FIELD=VALUE */
#define TEXT_ASSIGNMENT_FORM "'%.100s': FIELD=VALUE expected"
#define TEXT_ASSIGNMENT_FIELD                                                                      \
	"'%.100s': the field is none of preset, keep_alive, topology, mode_conflict, identity, "   \
	"layout, position.SLOT, "                                                                  \
	"%sdesktop, confinement"
#define TEXT_ASSIGNMENT_HOSTS "max_displays, presence, control, input, "
#define TEXT_ASSIGNMENT_SWITCH "%s '%.100s': on or off expected"
#define TEXT_ASSIGNMENT_KEEP_ALIVE "keep_alive '%.100s': off, forever or whole seconds expected"
#define TEXT_ASSIGNMENT_TEXT "%s: the value is no UTF-8"
#define TEXT_ASSIGNMENT_NUMBER "%s '%.100s': a whole number expected"
#define TEXT_ASSIGNMENT_SLOT "'%.100s': position.SLOT expected, SLOT from 1 to 63"
#define TEXT_ASSIGNMENT_PLACE "%s '%.100s': X,Y in logical pixels expected"

#endif
