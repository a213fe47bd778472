#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "session/clients_private.h"

#define MINUTE_NS 60000000000u

void client_store_on_pin(
	struct client_store *store, void (*changed)(void *data, const char *pin), void *data)
{
	store->pin_changed = changed;
	store->pin_data = data;
}

/* Every PIN is equally likely: numbers from the incomplete last million are thrown away. */
static bool random_pin(char pin[PAIRING_PIN_DIGITS + 1])
{
	const uint32_t pins = 1000000, usable = UINT32_MAX / pins * pins;
	_Static_assert(PAIRING_PIN_DIGITS == 6, "a PIN is a number below a million");
	uint32_t number;
	do {
		if (gnutls_rnd(GNUTLS_RND_KEY, &number, sizeof number) < 0)
			return false;
	} while (number >= usable);
	snprintf(pin, PAIRING_PIN_DIGITS + 1, "%06u", number % pins);
	return true;
}

static const char *arm(struct client_store *store, bool once, uint64_t expires_ns)
{
	const bool made = random_pin(store->pin);
	if (!made) {
		fprintf(stderr, "lodged: no random numbers for a PIN; pairing is off\n");
		store->pin[0] = '\0';
	}
	store->once = once;
	store->expires_ns = expires_ns;
	store->tries_left = PAIRING_TRIES;
	if (made && store->pin_changed)
		store->pin_changed(store->pin_data, store->pin);
	client_store_tell(store);
	return made ? store->pin : NULL;
}

const char *client_store_arm_pin(struct client_store *store)
{
	return arm(store, false, 0);
}

const char *client_store_arm_pin_until(struct client_store *store, uint64_t expires_ns)
{
	return arm(store, true, expires_ns);
}

void client_store_disarm_pin(struct client_store *store)
{
	if (!store->pin[0])
		return;
	gnutls_memset(store->pin, 0, sizeof store->pin);
	if (store->pin_changed)
		store->pin_changed(store->pin_data, "");
	client_store_tell(store);
}

const char *client_store_pin(struct client_store *store, uint64_t now_ns, uint64_t *expires_ns)
{
	if (store->pin[0] && store->expires_ns && now_ns >= store->expires_ns)
		client_store_disarm_pin(store);
	*expires_ns = store->expires_ns;
	return store->pin[0] ? store->pin : NULL;
}

bool client_store_pin_armed(const struct client_store *store)
{
	return store->pin[0] != '\0';
}

/* Counts the try, unless the minute is full. */
static bool try_allowed(struct client_store *store, uint64_t now_ns)
{
	uint64_t *oldest = &store->tried_ns[store->tries % PAIRING_TRIES_PER_MINUTE];
	if (store->tries >= PAIRING_TRIES_PER_MINUTE && now_ns - *oldest < MINUTE_NS)
		return false;
	*oldest = now_ns;
	store->tries++;
	return true;
}

bool client_store_count_try(struct client_store *store, uint64_t now_ns)
{
	return try_allowed(store, now_ns);
}

/* Used or void: another one takes its place, where one is always to be had. */
static void replace(struct client_store *store)
{
	if (store->once)
		client_store_disarm_pin(store);
	else
		client_store_arm_pin(store);
}

enum pairing_result client_store_try_pin(
	struct client_store *store, const char *pin, size_t length, uint64_t now_ns)
{
	uint64_t expires_ns;
	if (!client_store_pin(store, now_ns, &expires_ns))
		return PAIRING_NOT_ARMED;
	if (!try_allowed(store, now_ns))
		return PAIRING_RATE_LIMITED;
	if (length == PAIRING_PIN_DIGITS && gnutls_memcmp(pin, store->pin, length) == 0) {
		replace(store);
		return PAIRING_OK;
	}
	if (--store->tries_left > 0)
		return PAIRING_WRONG_PIN;
	replace(store);
	return PAIRING_EXHAUSTED;
}
