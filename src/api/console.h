/*
 * Who is logged in at the console: cookies, the one-time code, and how often somebody may try.
 *
 * Room: api, private. No I/O but random numbers; times are CLOCK_MONOTONIC.
 */
#ifndef LODGE_API_CONSOLE_H
#define LODGE_API_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/secret.h"

#define CONSOLE_COOKIE "__Host-lodge-console"
#define CONSOLE_SESSIONS_MAX 64 /* a newer one ends the oldest */
#define CONSOLE_SESSION_S 43200 /* 12 h */
#define CONSOLE_TRIES_MAX 10 /* a minute, from everywhere */
#define CONSOLE_TRIES_PEER_MAX 5 /* of them, from one address */
#define CONSOLE_CODE_DIGITS 8
#define CONSOLE_CODE_S 300
#define CONSOLE_CODE_TRIES 3

struct console_session {
	uint8_t digest[SECRET_DIGEST_SIZE];
	uint64_t until_ns; /* 0: free */
};

struct console_try {
	uint64_t at_ns;
	char peer[64];
};

struct console {
	struct console_session sessions[CONSOLE_SESSIONS_MAX];
	struct console_try tries[CONSOLE_TRIES_MAX]; /* a ring: `try_count` counts all of them */
	uint64_t try_count;
	uint8_t code[SECRET_DIGEST_SIZE];
	uint64_t code_until_ns; /* 0: there is none */
	unsigned code_tries; /* left */
};

/* Begins a session; `secret` is for the cookie. False when there are no random numbers. */
bool console_log_in(struct console *console, uint64_t now_ns, char secret[SECRET_TEXT_SIZE + 1]);
/* Whether the cookie header's value has the secret of a session; `digest` then names that session. */
bool console_find(const struct console *console, const char *cookies, uint64_t now_ns,
	uint8_t digest[SECRET_DIGEST_SIZE]);
bool console_is_open(
	const struct console *console, const uint8_t digest[SECRET_DIGEST_SIZE], uint64_t now_ns);
void console_log_out(struct console *console, const uint8_t digest[SECRET_DIGEST_SIZE]);

/* 0: the address may try, and has; else after how many seconds it may. */
unsigned console_try(struct console *console, const char *peer, uint64_t now_ns);

/* A new code voids the one before it. */
bool console_make_code(
	struct console *console, uint64_t now_ns, char code[CONSOLE_CODE_DIGITS + 1]);
/* Right or wrong, it has cost a try; the right one voids the code. Spaces and dashes do not count. */
bool console_use_code(struct console *console, const char *code, uint64_t now_ns);

#endif
