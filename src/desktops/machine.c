#include "desktops/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "display/gamescope/gamescope_installed.h"
#include "isolation/isolation.h"
#include "isolation/search_path.h"

struct machine {
	const struct isolation *isolation;
	enum own_desktops wish;
	struct gamescope_installed *gamescope; /* NULL: it is not wished for */
	char about[384];
};

static const char *trees_missing(const struct machine *machine)
{
	const struct isolation_capabilities *can = isolation_capabilities(machine->isolation);
	return can->trees ? NULL : can->trees_text;
}

/* Looked for each time: it may be installed while the host runs. */
static const char *sway_missing(void)
{
	char path[PATH_MAX];
	return search_path_find(SEARCH_PATH_DEFAULT, "sway", path)
		? NULL
		: "there is no program sway to run on it";
}

static const char *gamescope_missing(const struct machine *machine)
{
	const struct isolation_capabilities *can = isolation_capabilities(machine->isolation);
	const char *text = "gamescope is not wished for";
	if (!machine->gamescope || !gamescope_installed_is_usable(machine->gamescope, &text))
		return text;
	return can->sound ? NULL : can->sound_text; /* the picture comes over the same PipeWire */
}

static struct compositor_facts read_facts(const struct machine *machine)
{
	return (struct compositor_facts){
		.sway_missing = sway_missing(),
		.gamescope_missing = gamescope_missing(machine),
		.has_gpu = gamescope_has_gpu(),
	};
}

bool machine_choose(struct machine *machine, bool has_app, enum compositor *compositor, char *fault,
	size_t capacity)
{
	const char *missing = trees_missing(machine);
	if (missing) {
		snprintf(fault, capacity, "%s", missing);
		return false;
	}
	const struct compositor_facts facts = read_facts(machine);
	return compositor_choose(machine->wish, has_app, &facts, compositor, fault, capacity);
}

const char *machine_missing(struct machine *machine)
{
	const char *missing = trees_missing(machine);
	if (missing)
		return missing;
	if (machine->wish == OWN_DESKTOPS_GAMESCOPE)
		return gamescope_missing(machine);
	missing = sway_missing();
	return missing && machine->wish == OWN_DESKTOPS_AUTO && !gamescope_missing(machine)
		? NULL
		: missing;
}

const char *machine_about(struct machine *machine)
{
	enum compositor for_apps, otherwise;
	char no_apps[192] = "", no_shell[192] = "";
	machine_choose(machine, true, &for_apps, no_apps, sizeof no_apps);
	machine_choose(machine, false, &otherwise, no_shell, sizeof no_shell);
	snprintf(machine->about, sizeof machine->about,
		"An app gets a %s of its own%s%s%s, a desktop without an app is a %s%s%s%s.",
		compositor_name(for_apps), no_apps[0] ? " (" : "", no_apps, no_apps[0] ? ")" : "",
		compositor_name(otherwise), no_shell[0] ? " (" : "", no_shell,
		no_shell[0] ? ")" : "");
	return machine->about;
}

static void on_gamescope_known(void *data, bool usable, const char *text)
{
	const struct machine *machine = data;
	fprintf(stderr, "lodged: desktops of clients' own: %s%s\n", text,
		usable && machine->wish == OWN_DESKTOPS_AUTO && !gamescope_has_gpu()
			? "; there is no GPU, so apps get a sway all the same"
			: "");
}

struct machine *machine_create(
	sd_event *event, const struct isolation *isolation, enum own_desktops wish)
{
	struct machine *machine = calloc(1, sizeof *machine);
	if (!machine)
		return NULL;
	machine->isolation = isolation;
	machine->wish = wish;
	if (wish == OWN_DESKTOPS_SWAY)
		return machine;
	machine->gamescope = gamescope_installed_ask(&(struct gamescope_installed_params){
		.event = event,
		.known = on_gamescope_known,
		.data = machine,
	});
	if (machine->gamescope)
		return machine;
	const int error = errno;
	free(machine);
	errno = error;
	return NULL;
}

void machine_destroy(struct machine *machine)
{
	if (!machine)
		return;
	gamescope_installed_destroy(machine->gamescope);
	free(machine);
}
