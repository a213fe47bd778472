/*
 * The daemon's rooms, as main.c opens them, and what the files of the host share. Room: host, private. Thread: control.
 */
#ifndef LODGE_HOST_LODGED_H
#define LODGE_HOST_LODGED_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "api/api.h"
#include "apps/apps.h"
#include "desktops/desktops.h"
#include "host/folders.h"
#include "host/options.h"
#include "host/pin.h"
#include "host/shared_apps.h"
#include "session/host.h"

struct lodged {
	const struct options *options;
	struct folders folders;
	sd_event *event;
	struct store_worker *worker;
	struct settings *settings;
	struct app_list *apps;
	bool app_icons[APPS_MAX]; /* which of them have one that can be read */
	struct shared_apps *shared_apps; /* that run on the shared desktop */
	struct identity_store *identities;
	struct display_journal *journal;
	struct display_registry *registry;
	struct client_store *clients;
	struct session_host *sessions;
	struct own_desktop_state own_states[API_OWN_DESKTOPS_MAX]; /* what the API was last told */
	struct isolated_tree *shared_tree; /* that the shared desktop is spawned in; NULL: none */
	const char *hidden[4]; /* folders that no desktop with a home of its own sees */
	size_t hidden_count;
	struct desktops *desktops; /* of clients' own; NULL: this machine cannot have any */
	struct api *api;
	struct web_server *web;
	struct pin_display pin;
	int port;
	bool stopping;
};

/* main.c: for every registry */
void lodged_read_policy(void *data, const uint8_t *client, struct display_policy *policy);
uint32_t lodged_encoders_free(void *data);
void lodged_displays_changed(void *data);

/* programs.c: the apps, as sessions want them. struct session_host_params. */
void programs_launch(void *data, const char *app); /* on the shared desktop */
void programs_flags(
	void *data, const uint8_t *client, bool anonymous, uint8_t *flags, size_t count);
uint8_t programs_read_icon(void *data, const char *app, uint8_t **bytes, size_t *size);
void programs_tell(struct lodged *lodged); /* of the list */
void programs_changed(void *data); /* other ones run than before, or others may be started */

/* own.c: desktops of clients' own, and sound */
bool own_open(struct lodged *lodged);
/* Where a client's next display will be. struct session_host_params. */
void own_choose(void *data, const uint8_t *client, bool anonymous, const char *app,
	struct chosen_desktop *choice, char *fault, size_t capacity);
/* A node of a gamepad in the tree of its desktop; one without a tree sees the machine's. struct session_host_params. */
void own_show_device(void *data, struct display_registry *registry, const char *path, bool shown);
const char *own_about(void *data); /* where there are some */
size_t own_list(void *data, struct api_own_desktop *list, size_t capacity);
/* Of the shared desktop: the tree that it is spawned in, NULL for none; and where its sound is. */
struct isolation *own_sound_isolation(const struct lodged *lodged);
void own_shared_tree_changed(void *data, const struct isolated_tree_info *info);
struct desktop_sound own_session_sound(const struct lodged *lodged);

#endif
