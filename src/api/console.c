#include "api/console.h"

#include <stdio.h>
#include <string.h>

#define SECOND_NS 1000000000ull
#define MINUTE_NS (60 * SECOND_NS)

bool console_log_in(struct console *console, uint64_t now_ns, char secret[SECRET_TEXT_SIZE + 1])
{
	struct console_session *chosen = &console->sessions[0];
	if (!secret_make(secret))
		return false;
	/* A free one has until_ns 0: the one that ends first is the oldest, or free. */
	for (size_t i = 1; i < CONSOLE_SESSIONS_MAX; i++) {
		if (console->sessions[i].until_ns < chosen->until_ns)
			chosen = &console->sessions[i];
	}
	secret_digest(secret, chosen->digest);
	chosen->until_ns = now_ns + CONSOLE_SESSION_S * SECOND_NS;
	return true;
}

/* The value of our cookie in "a=b; c=d". */
static bool cookie_value(const char *cookies, char value[SECRET_TEXT_SIZE + 1])
{
	static const char name[] = CONSOLE_COOKIE "=";
	while (*cookies) {
		cookies += strspn(cookies, "; \t");
		const size_t size = strcspn(cookies, ";");
		if (size == sizeof name - 1 + SECRET_TEXT_SIZE &&
			strncmp(cookies, name, sizeof name - 1) == 0) {
			memcpy(value, cookies + sizeof name - 1, SECRET_TEXT_SIZE);
			value[SECRET_TEXT_SIZE] = '\0';
			return true;
		}
		cookies += size;
	}
	return false;
}

bool console_is_open(
	const struct console *console, const uint8_t digest[SECRET_DIGEST_SIZE], uint64_t now_ns)
{
	bool open = false;
	for (size_t i = 0; i < CONSOLE_SESSIONS_MAX; i++) {
		const struct console_session *session = &console->sessions[i];
		open |= secret_digest_equal(session->digest, digest) && now_ns < session->until_ns;
	}
	return open;
}

bool console_find(const struct console *console, const char *cookies, uint64_t now_ns,
	uint8_t digest[SECRET_DIGEST_SIZE])
{
	char value[SECRET_TEXT_SIZE + 1];
	if (!cookie_value(cookies, value))
		return false;
	secret_digest(value, digest);
	secret_wipe(value, sizeof value);
	return console_is_open(console, digest, now_ns);
}

void console_log_out(struct console *console, const uint8_t digest[SECRET_DIGEST_SIZE])
{
	for (size_t i = 0; i < CONSOLE_SESSIONS_MAX; i++) {
		struct console_session *session = &console->sessions[i];
		if (secret_digest_equal(session->digest, digest))
			*session = (struct console_session){ 0 };
	}
}

/* When the oldest of the last `most` tries (of the peer; NULL: of all) leaves the minute; 0: there are fewer. */
static uint64_t full_until_ns(
	const struct console *console, const char *peer, size_t most, uint64_t now_ns)
{
	uint64_t oldest_ns = UINT64_MAX;
	size_t count = 0;
	for (size_t i = 0; i < CONSOLE_TRIES_MAX && i < console->try_count; i++) {
		const struct console_try *one = &console->tries[i];
		if (now_ns - one->at_ns >= MINUTE_NS || (peer && strcmp(one->peer, peer) != 0))
			continue;
		count++;
		oldest_ns = one->at_ns < oldest_ns ? one->at_ns : oldest_ns;
	}
	return count < most ? 0 : oldest_ns + MINUTE_NS;
}

unsigned console_try(struct console *console, const char *peer, uint64_t now_ns)
{
	const uint64_t all_ns = full_until_ns(console, NULL, CONSOLE_TRIES_MAX, now_ns);
	const uint64_t own_ns = full_until_ns(console, peer, CONSOLE_TRIES_PEER_MAX, now_ns);
	const uint64_t until_ns = all_ns > own_ns ? all_ns : own_ns;
	if (until_ns > now_ns)
		return (unsigned)((until_ns - now_ns + SECOND_NS - 1) / SECOND_NS);
	struct console_try *one = &console->tries[console->try_count++ % CONSOLE_TRIES_MAX];
	one->at_ns = now_ns;
	snprintf(one->peer, sizeof one->peer, "%s", peer);
	return 0;
}

static void void_code(struct console *console)
{
	memset(console->code, 0, sizeof console->code);
	console->code_until_ns = 0;
	console->code_tries = 0;
}

bool console_make_code(struct console *console, uint64_t now_ns, char code[CONSOLE_CODE_DIGITS + 1])
{
	void_code(console);
	if (!secret_make_digits(code, CONSOLE_CODE_DIGITS))
		return false;
	secret_digest(code, console->code);
	console->code_until_ns = now_ns + CONSOLE_CODE_S * SECOND_NS;
	console->code_tries = CONSOLE_CODE_TRIES;
	return true;
}

bool console_use_code(struct console *console, const char *code, uint64_t now_ns)
{
	char digits[CONSOLE_CODE_DIGITS + 2]; /* one more than right: longer is wrong */
	size_t count = 0;
	for (; *code && count < sizeof digits - 1; code++) {
		if (*code != ' ' && *code != '-')
			digits[count++] = *code;
	}
	digits[count] = '\0';
	if (now_ns >= console->code_until_ns)
		void_code(console);
	const bool right = secret_matches(console->code, digits);
	secret_wipe(digits, sizeof digits);
	if (right || console->code_tries <= 1)
		void_code(console);
	else
		console->code_tries--;
	return right;
}
