#include "host/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/gamescope/gamescope_units.h"
#include "media/stream.h"
#include "settings/settings.h"
#include "web/address.h"

static const char help[] =
	"Usage: lodged [OPTION]...\n"
	"Give every client that connects a virtual display of its own.\n"
	"\n"
	"  --listen ADDRESS:PORT   where to serve (repeatable; default 127.0.0.1:7443)\n"
	"  --desktop auto|sway|gamescope\n"
	"                          use the running session (default auto)\n"
	"  --spawn sway|gamescope  own a private headless desktop instead\n"
	"  --instead-of UNIT       the spawned gamescope takes the place of this unit of the "
	"user's\n"
	"                          service manager, while somebody has a display on it\n"
	"  --sound                 give the spawned desktop sound of its own (PipeWire)\n"
	"  --launch COMMAND        start COMMAND in the spawned desktop, and in each client's own\n"
	"                          that has no app (repeatable)\n"
	"  --own-desktops auto|sway|gamescope\n"
	"                          what a client's own desktop is: a gamescope for an app where "
	"one\n"
	"                          is good, else a sway (default auto), or always the one named\n"
	"  --policy FIELD=VALUE    a display policy where no settings file says otherwise "
	"(repeatable):\n"
	"                          preset, keep_alive, topology, mode_conflict, identity, layout,\n"
	"                          max_displays, desktop, confinement\n"
	"  --max-encoders NUMBER   streams that may be encoded at once (1..64; default: no bound)\n"
	"  --max-sessions NUMBER   clients that may be attached at once (1..1000; default 64)\n"
	"  --max-desktops NUMBER   desktops of clients' own at once (1..64; default 16)\n"
	"  --open                  admit clients that are not paired\n"
	"  --pair                  offer pairing: make a PIN and print it\n"
	"  --config FOLDER         settings (default $XDG_CONFIG_HOME/lodge)\n"
	"  --state FOLDER          keys and paired clients (default $XDG_STATE_HOME/lodge)\n"
	"  --pages FOLDER          the viewer page's files\n"
	"  --print-ready           one line of JSON on standard output when ready\n"
	"  --version, --help\n"
	"\n"
	"Exit status: 0 stopped as asked, 1 failed, 2 wrong usage.\n";

enum {
	OPT_LISTEN = 256,
	OPT_DESKTOP,
	OPT_SPAWN,
	OPT_INSTEAD_OF,
	OPT_SOUND,
	OPT_LAUNCH,
	OPT_OWN_DESKTOPS,
	OPT_POLICY,
	OPT_MAX_ENCODERS,
	OPT_MAX_DESKTOPS,
	OPT_MAX_SESSIONS,
	OPT_OPEN,
	OPT_PAIR,
	OPT_CONFIG,
	OPT_STATE,
	OPT_PAGES,
	OPT_READY,
	OPT_VERSION,
	OPT_HELP
};

static const struct option long_options[] = {
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "desktop", required_argument, NULL, OPT_DESKTOP },
	{ "spawn", required_argument, NULL, OPT_SPAWN },
	{ "instead-of", required_argument, NULL, OPT_INSTEAD_OF },
	{ "sound", no_argument, NULL, OPT_SOUND },
	{ "launch", required_argument, NULL, OPT_LAUNCH },
	{ "own-desktops", required_argument, NULL, OPT_OWN_DESKTOPS },
	{ "policy", required_argument, NULL, OPT_POLICY },
	{ "max-encoders", required_argument, NULL, OPT_MAX_ENCODERS },
	{ "max-sessions", required_argument, NULL, OPT_MAX_SESSIONS },
	{ "max-desktops", required_argument, NULL, OPT_MAX_DESKTOPS },
	{ "open", no_argument, NULL, OPT_OPEN },
	{ "pair", no_argument, NULL, OPT_PAIR },
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "pages", required_argument, NULL, OPT_PAGES },
	{ "print-ready", no_argument, NULL, OPT_READY },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static bool fail(
	char *fault, size_t capacity, const char *what, const char *value, const char *wanted)
{
	snprintf(fault, capacity, "lodged: %s '%.200s': %s", what, value, wanted);
	return false;
}

static bool take_policy(struct options *options, char *fault, size_t capacity)
{
	char why[256];
	if (settings_parse_assignment(&options->policy, optarg, why, sizeof why))
		return true;
	return fail(fault, capacity, "--policy", optarg, why);
}

static bool take_number(
	const char *option, uint32_t most, uint32_t *place, char *fault, size_t capacity)
{
	char wanted[32];
	snprintf(wanted, sizeof wanted, "1 to %u expected", most);
	char *end;
	const unsigned long number = strtoul(optarg, &end, 10);
	if (optarg[0] < '0' || optarg[0] > '9' || *end || number < 1 || number > most)
		return fail(fault, capacity, option, optarg, wanted);
	*place = (uint32_t)number;
	return true;
}

static bool take_desktop(struct options *options, char *fault, size_t capacity)
{
	static const char *const names[] = {
		[DESKTOP_AUTO] = "auto",
		[DESKTOP_SWAY] = "sway",
		[DESKTOP_GAMESCOPE] = "gamescope",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(optarg, names[i]) == 0) {
			options->desktop = (enum desktop_choice)i;
			return true;
		}
	}
	return fail(fault, capacity, "--desktop", optarg, "auto, sway or gamescope expected");
}

static bool take_own_desktops(struct options *options, char *fault, size_t capacity)
{
	static const char *const names[] = {
		[OWN_DESKTOPS_AUTO] = "auto",
		[OWN_DESKTOPS_SWAY] = "sway",
		[OWN_DESKTOPS_GAMESCOPE] = "gamescope",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(optarg, names[i]) == 0) {
			options->own_desktops = (enum own_desktops)i;
			return options->own_desktops_named = true;
		}
	}
	return fail(fault, capacity, "--own-desktops", optarg, "auto, sway or gamescope expected");
}

static bool take(struct options *options, int option, char *fault, size_t capacity)
{
	switch (option) {
	case OPT_LISTEN:
		if (options->listen_count == OPTIONS_LISTEN_MAX)
			return fail(fault, capacity, "--listen", optarg, "at most 8 addresses");
		if (!web_address_valid(optarg))
			return fail(fault, capacity, "--listen", optarg,
				"not ADDRESS:PORT, such as 127.0.0.1:7443 or [::1]:7443");
		options->listen[options->listen_count++] = optarg;
		return true;
	case OPT_DESKTOP:
		return take_desktop(options, fault, capacity);
	case OPT_SPAWN:
		if (strcmp(optarg, "sway") != 0 && strcmp(optarg, "gamescope") != 0)
			return fail(
				fault, capacity, "--spawn", optarg, "sway or gamescope expected");
		options->desktop =
			strcmp(optarg, "sway") == 0 ? DESKTOP_SPAWN_SWAY : DESKTOP_SPAWN_GAMESCOPE;
		return true;
	case OPT_INSTEAD_OF:
		if (!gamescope_unit_name_is_good(optarg))
			return fail(fault, capacity, "--instead-of", optarg,
				"a unit such as gamescope-session.service expected");
		options->instead_of = optarg;
		return true;
	case OPT_SOUND:
		return options->sound = true;
	case OPT_LAUNCH:
		if (options->launch_count == OPTIONS_LAUNCH_MAX)
			return fail(fault, capacity, "--launch", optarg, "at most 8 commands");
		if (optarg[0] == '\0' || strchr(optarg, '\n'))
			return fail(fault, capacity, "--launch", optarg, "one line expected");
		options->launch[options->launch_count++] = optarg;
		return true;
	case OPT_OWN_DESKTOPS:
		return take_own_desktops(options, fault, capacity);
	case OPT_POLICY:
		return take_policy(options, fault, capacity);
	case OPT_MAX_ENCODERS:
		return take_number("--max-encoders", OPTIONS_ENCODERS_MAX, &options->max_encoders,
			fault, capacity);
	case OPT_MAX_DESKTOPS:
		return take_number("--max-desktops", 64, &options->max_desktops, fault, capacity);
	case OPT_MAX_SESSIONS:
		return take_number("--max-sessions", 1000, &options->max_sessions, fault, capacity);
	case OPT_OPEN:
		return options->open = true;
	case OPT_PAIR:
		return options->pair = true;
	case OPT_READY:
		return options->print_ready = true;
	case OPT_CONFIG:
	case OPT_STATE:
	case OPT_PAGES:
		if (optarg[0] == '\0')
			return fail(fault, capacity, "the folder", optarg, "is empty");
		*(option == OPT_CONFIG                ? &options->config_folder
				: option == OPT_STATE ? &options->state_folder
						      : &options->page_folder) = optarg;
		return true;
	default:
		return false;
	}
}

/* What goes together. */
static bool check(const struct options *options, char *fault, size_t capacity)
{
	const bool spawns = options->desktop == DESKTOP_SPAWN_SWAY ||
		options->desktop == DESKTOP_SPAWN_GAMESCOPE;
	if (options->launch_count && !spawns && !options->own_desktops_named)
		return fail(fault, capacity, "--launch", options->launch[0],
			"needs --spawn or --own-desktops");
	if (options->sound && !spawns)
		return fail(fault, capacity, "option", "--sound", "needs --spawn");
	if (options->instead_of && options->desktop != DESKTOP_SPAWN_GAMESCOPE)
		return fail(fault, capacity, "--instead-of", options->instead_of,
			"needs --spawn gamescope");
	return true;
}

enum options_result options_parse(
	struct options *options, int argc, char **argv, char *fault, size_t capacity)
{
	int option;
	*options = (struct options){ .desktop = DESKTOP_AUTO };
	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		const char *word = argv[optind - 1];
		if (option == OPT_HELP || option == OPT_VERSION) {
			if (option == OPT_HELP)
				fputs(help, stdout);
			else
				printf("lodged %s (%s)\n", LODGE_VERSION,
					media_encoder_description());
			return OPTIONS_DONE;
		}
		if (option == ':')
			fail(fault, capacity, "option", word, "needs a value");
		else if (option == '?')
			fail(fault, capacity, "option", word, "unknown; see lodged --help");
		else if (take(options, option, fault, capacity))
			continue;
		return OPTIONS_WRONG;
	}
	if (optind < argc) {
		fail(fault, capacity, "argument", argv[optind], "none expected; see lodged --help");
		return OPTIONS_WRONG;
	}
	if (!check(options, fault, capacity))
		return OPTIONS_WRONG;
	if (options->listen_count == 0)
		options->listen[options->listen_count++] = "127.0.0.1:7443";
	return OPTIONS_RUN;
}
