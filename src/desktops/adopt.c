/* Desktops that an earlier host kept: taken over as they are, or ended, nothing in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desktops/desktops_private.h"
#include "process/clock.h"

#define KEPT_MAX 64 /* more than any host may have; those beyond end by themselves (isolation.h) */

/* Asked for when an output of the desktop has been found: its tree is there. */
static uint64_t kept_until(void *data)
{
	const struct own_desktop *desktop = data;
	const uint64_t until_ns = desktop->info.kept_until_ns;
	const uint64_t boot_ns = clock_ns(CLOCK_BOOTTIME), monotonic_ns = clock_ns(CLOCK_MONOTONIC);
	if (until_ns == UINT64_MAX)
		return until_ns;
	return until_ns > boot_ns ? until_ns - boot_ns + monotonic_ns : monotonic_ns;
}

/* NULL: it may be adopted. Else why not. */
static const char *read_record(
	const struct desktops *desktops, const char *name, struct desktop_record *record)
{
	const struct desktops_params *params = &desktops->params;
	char *text = NULL, owner[ISOLATED_NAME_MAX];
	size_t size = 0;
	if (isolation_kept_note(desktops->isolation, name, DESKTOP_RECORD_MAX, &text, &size) < 0)
		return "it has no record";
	const bool good = desktop_record_parse(text, size, record);
	free(text);
	if (!good)
		return "its record is damaged";
	own_desktop_name(record->client, owner);
	if (strcmp(owner, name) != 0)
		return "its record names another client";
	if (!params->knows || !params->knows(params->data, record->client))
		return "its client is not paired any more";
	return desktops_find(desktops, record->client) ? "its client has a desktop already" : NULL;
}

static const char *adopt(struct desktops *desktops, const struct desktop_record *record)
{
	const struct desktops_params *params = &desktops->params;
	struct desktop_program program;
	const bool is_known = record->app[0] && params->find_program &&
		params->find_program(params->data, record->app, &program);
	struct own_desktop *desktop = own_desktop_make(
		desktops, record->client, is_known ? &program : NULL, record, record->compositor);
	if (!desktop)
		return "its tree cannot be adopted";
	for (size_t i = 0; i < record->count; i++) {
		const int error = display_registry_adopt(
			desktop->registry, &record->displays[i], kept_until, desktop);
		if (error < 0) {
			own_desktop_destroy(desktop);
			return "its displays cannot be taken up";
		}
	}
	return NULL;
}

size_t desktops_adopt(struct desktops *desktops)
{
	char names[KEPT_MAX][ISOLATED_NAME_MAX];
	const size_t count = isolation_kept(desktops->isolation, names, KEPT_MAX);
	struct desktop_record *record = count > 0 ? malloc(sizeof *record) : NULL;
	size_t adopted = 0;
	for (size_t i = 0; i < count && i < KEPT_MAX; i++) {
		const char *fault = "no memory";
		if (record)
			fault = read_record(desktops, names[i], record);
		if (record && !fault)
			fault = adopt(desktops, record);
		if (fault)
			fprintf(stderr, "lodged: %s: this desktop of an earlier host ends: %s\n",
				names[i], fault);
		else
			fprintf(stderr,
				"lodged: %s: this desktop of an earlier host is taken over\n",
				names[i]);
		isolation_end_kept(desktops->isolation, names[i]); /* unless it is adopted */
		adopted += !fault;
	}
	free(record);
	return adopted;
}
