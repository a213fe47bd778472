#include "cli/commands.h"

#include <string.h>

#define BIT(option) (1u << CLI_OPTION_##option)

static const char general[] = "Usage: lodge COMMAND [ARGUMENT]... [OPTION]...\n"
			      "See and steer a Lodge host (lodged).\n\n";

static const char general_options[] =
	"\nOptions of every command:\n"
	"  --host https://NAME[:PORT]  the host (default LODGE_HOST, else https://127.0.0.1:7443)\n"
	"  --state FOLDER              lodged's state folder, for its certificate and admin token\n"
	"                              (default $XDG_STATE_HOME/lodge)\n"
	"  --token-file FILE           another file with the admin token (default "
	"LODGE_TOKEN_FILE)\n"
	"  --ca FILE                   the host's certificate, or the authority that signed it\n"
	"  --timeout SECONDS           the longest wait for an answer (default 10)\n"
	"  --json                      the API's documents instead of tables\n"
	"  --version, --help           --help behind a command tells more about it\n"
	"\n"
	"Exit status: 0 ok, 1 the host refused or failed, 2 wrong usage, 3 host not reachable,\n"
	"4 not allowed, 5 in use, 6 no such thing.\n";

#define FIELDS_HELP                                                                                \
	"  preset=NAME            or custom: the fields below count\n"                             \
	"  keep_alive=VALUE       off, forever, or seconds\n"                                      \
	"  topology=VALUE         auto, extend, primary, exclusive\n"                              \
	"  mode_conflict=VALUE    separate, steal, join, reject\n"                                 \
	"  identity=VALUE         shared, per-client, per-client-mode\n"                           \
	"  layout=VALUE           auto-row, manual\n"                                              \
	"  position.SLOT=X,Y      where the slot's display stands under layout=manual\n"           \
	"  desktop=VALUE          shared, isolated\n"                                              \
	"  confinement=VALUE      off, devices, home; behind it the devices that are granted,\n"   \
	"                         such as home,dri: dri, nvidia, video, kvm, fuse\n"

static const struct cli_command commands[] = {
	{ "status", "", "counts: sessions, displays, clients that wait",
		"Needs no token on the machine of the host.\n", 0, false, run_status },
	{ "displays", "[list]", "every display, and the outputs beside them", "", 0, false,
		run_displays },
	{ "release", "SLOT | --all", "close a kept display now, or all kept ones",
		"A display that somebody uses is not closed (exit status 5): end its sessions "
		"first.\n",
		BIT(ALL), false, run_release },
	{ "preset", "[NAME]", "list the presets, or choose one",
		"The present one is marked with '*'. 'custom' lets the explicit fields count.\n", 0,
		false, run_preset },
	{ "settings", "[get | set FIELD=VALUE... | edit-from-file FILE | reset]",
		"the policy for displays",
		"set changes fields; an empty VALUE removes one from the document:\n" FIELDS_HELP
		"  max_displays=N         1 to 16\n"
		"  presence=VALUE         on, off\n"
		"  control=VALUE          free, one-at-a-time\n"
		"  input=VALUE            shared, seat-per-client\n"
		"edit-from-file stores a whole document ('-' is standard input); see\n"
		"docs/virtual-displays.md. reset forgets every field but the clients' overrides.\n",
		0, false, run_settings },
	{ "pair", "[--seconds N] | cancel | approve SESSION | deny SESSION",
		"make a PIN and wait until a client used it",
		"Ctrl-C voids the PIN. The PIN holds 600 seconds where --seconds does not say\n"
		"otherwise (30 to 86400). approve and deny answer a client that asks to be "
		"paired.\n",
		BIT(SECONDS), false, run_pair },
	{ "clients",
		"[list | rename CLIENT LABEL | person CLIENT NAME | override CLIENT "
		"[FIELD=VALUE...]\n"
		"       | unpair CLIENT]",
		"paired clients",
		"CLIENT is a fingerprint or the unique beginning of one. person says whose it is, "
		"''\n"
		"that it stands for itself. override shows what "
		"rules\n"
		"this client alone, or changes it; --reset removes it all. An empty VALUE removes "
		"a\n"
		"field. Fields:\n" FIELDS_HELP,
		BIT(RESET), false, run_clients },
	{ "sessions", "[list | end SESSION]", "who is attached", "", 0, false, run_sessions },
	{ "who", "", "who is on the desktop, and what they do",
		"Nobody is told of anybody before: lodge settings set presence=on\n", 0, false,
		run_who },
	{ "control", "[take | give SESSION | grant SESSION | deny SESSION]",
		"who has control and who waits, and the operator's hand on it",
		"take takes control from whoever has it (the API's word for it is release): the "
		"next one\n"
		"in line gets it. grant and deny answer one that waits; give asks nobody. Before "
		"that:\n"
		"lodge settings set control=one-at-a-time\n",
		0, false, run_control },
	{ "grants", "[CLIENT [GRANTS]] [--until TIME | --seconds N] [--until-they-leave]",
		"what clients may do",
		"GRANTS is full, controller or view, or some of pointer, keyboard, gamepad, "
		"clipboard,\n"
		"microphone, launch, with commas or spaces between. It counts at once, for good, "
		"or "
		"until\n"
		"TIME (18:30, 2027-01-15, 2027-01-15T18:30), for N seconds, or until the client's "
		"last\n"
		"session ends.\n",
		BIT(SECONDS) | BIT(UNTIL) | BIT(UNTIL_THEY_LEAVE), false, run_grants },
	{ "invite",
		"[list | create [GRANTS] [--label LABEL] [--until TIME | --seconds N] [--uses N]\n"
		"       [--stay SECONDS] | revoke ID [--end-guests]]",
		"links and PINs for guests",
		"create prints the link and the PIN, once. Without GRANTS (see lodge grants "
		"--help) "
		"a\n"
		"guest may only view. The link counts for an hour and one guest where the options "
		"do not\n"
		"say otherwise; a guest stays until it leaves, or for --stay seconds.\n",
		BIT(SECONDS) | BIT(UNTIL) | BIT(LABEL) | BIT(USES) | BIT(STAY) | BIT(END_GUESTS),
		false, run_invite },
	{ "apps", "[list | add ID FIELD=VALUE... | set ID FIELD=VALUE... | remove ID]",
		"the programs that clients may start",
		"An empty VALUE removes a field. Fields:\n"
		"  name=TEXT              what people call it (default: the ID)\n"
		"  command=COMMAND        split into arguments as by a shell, without one\n"
		"  desktop=VALUE          shared, isolated (default shared)\n"
		"  mode=WxH[@HZ]          a note of what suits it\n"
		"  icon=FILE              a picture on the host\n"
		"  environment.NAME=VALUE\n",
		0, false, run_apps },
	{ "explain", "--mode WxH[@HZ] [--client CLIENT] [--preset NAME]",
		"what would happen if a client connected now, and why",
		"Without --client: one that is not paired. --preset: as if that preset were "
		"chosen.\n"
		"Nothing is changed.\n",
		BIT(MODE) | BIT(CLIENT) | BIT(PRESET), false, run_explain },
	{ "watch", "", "a line for everything that changes, until Ctrl-C",
		"With --json each line is {\"event\": TOPIC, \"data\": DOCUMENT}. When the "
		"connection\n"
		"breaks off, it is made again; after a minute without the host it ends with 3.\n",
		0, false, run_watch },
	{ "console", "[code]", "the address of the console, and a code to log in once", "", 0,
		false, run_console },
	{ "complete",
		"slots | presets | clients | sessions | requests | waiting | invitations | apps",
		"words for completion", "", 0, true, run_complete },
};

const struct cli_command *cli_command_find(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

void cli_command_help(const struct cli_command *command, FILE *file)
{
	if (command) {
		fprintf(file, "Usage: lodge %s %s%s[OPTION]...\n%c%s.\n", command->name,
			command->arguments, command->arguments[0] ? " " : "",
			command->summary[0] - 'a' + 'A', command->summary + 1);
		if (command->details[0])
			fprintf(file, "\n%s", command->details);
	} else {
		fputs(general, file);
		for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
			if (!commands[i].hidden)
				fprintf(file, "  %-10s %s\n", commands[i].name,
					commands[i].summary);
		}
	}
	fputs(general_options, file);
}
