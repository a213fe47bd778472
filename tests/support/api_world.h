/*
 * The API in a folder of its own, with the doors that it uses stubbed (but the paired clients and the apps, which are real), and a
 * way to ask it without a web server.
 */
#ifndef LODGE_TESTS_API_WORLD_H
#define LODGE_TESTS_API_WORLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/api.h"
#include "support/host_stub.h"
#include "support/identity_stub.h"
#include "support/registry_stub.h"
#include "support/settings_stub.h"
#include "support/worker_stub.h"

#define WORLD_HOST "lodge.test:7443"
#define WORLD_SECOND 1000000000ull

struct app_list;
struct client_store;

struct api_world {
	char folder[64];
	sd_event *event;
	struct store_worker worker;
	struct settings settings;
	struct display_registry registry;
	struct identity_store identities;
	struct session_host sessions;
	struct app_list
		*apps; /* the real one: its file is in the folder, the worker writes at once */
	struct client_store *clients;
	struct api *api;
	char token[129]; /* as in the file */
	uint64_t now_ns; /* of the next question */
};

/* The folder, the stubs and the clients, without the API. False: the system refused. */
bool api_world_prepare(struct api_world *world);
bool api_world_start(struct api_world *world);
void api_world_stop(struct api_world *world);
/* Turns of the loop until nothing is pending. */
void api_world_settle(struct api_world *world);
/* A paired client; its fingerprint comes out, as 64 digits too. */
bool api_world_pair(
	struct api_world *world, const char *label, uint8_t fingerprint[32], char text[65]);

/* What came back. The question's first: who asks, and with which header lines. */
struct api_exchange {
	/* "Name: value" lines, each ending in \n; Host is added when it is not there. NULL: none. */
	const char *headers;
	const char *peer; /* NULL: 192.0.2.1 */
	const void *body; /* NULL: none */
	size_t body_size; /* 0: strlen(body) */

	struct api_call *call; /* waits, or streams */
	unsigned answers;
	bool streams, ended, slow;
	int status;
	char type[64], fields[512];
	char *text; /* body, or what has been streamed so far */
	size_t size;
	json_t *json; /* the body, when it is JSON */
};

/* As the admin with the token, unless `headers` are given. */
void api_world_ask(struct api_world *world, struct api_exchange *exchange, const char *method,
	const char *target);
/* The same as a JSON body with a token. */
void api_world_send(struct api_world *world, struct api_exchange *exchange, const char *method,
	const char *target, const char *body);
void api_exchange_finish(struct api_exchange *exchange);

#endif
