/*
 * Which host is asked, by whose authority, and how it is known to be the right one. Room: cli. Reads small files.
 *
 * The state folder of lodged holds its certificate and its admin token. The rules:
 *   --ca FILE                   its first certificate signs itself alone: the host must hold that very key, whatever it
 *                               is called; else FILE signs the host's certificate, which must bear the host's name
 *   a token file was named and  the system's authorities, and the host's name
 *   the host is not this machine
 *   else                        certificate.pem of the state folder: the host must hold that very key
 * The state folder's own token is for the host of that folder alone: it is never sent to a host of another machine
 * that proves itself in another way.
 */
#ifndef LODGE_CLI_TRUST_H
#define LODGE_CLI_TRUST_H

#include <limits.h>
#include <stdbool.h>

#include "cli/cli.h"

#define TRUST_TOKEN_MAX 128
#define TRUST_PIN_MAX 64

struct trust {
	char origin[300];
	char ca_file[PATH_MAX]; /* "": the system's */
	char key_pin[TRUST_PIN_MAX]; /* "sha256//..." or "" */
	bool check_name;
	char token_file[PATH_MAX];
	char token[TRUST_TOKEN_MAX + 1]; /* "": none; see token_fault */
	char token_fault[PATH_MAX + 400]; /* why there is none */
};

/* What is wrong has been said. Wipe `trust` when the token was handed on. */
enum cli_exit trust_find(struct trust *trust, const struct cli_options *options);

#endif
