#include "support/identity_stub.h"

const struct identity_map *identity_store_map(const struct identity_store *store)
{
	return &store->map;
}

uint32_t identity_store_assign(
	struct identity_store *store, const struct identity_key *key, uint32_t cap, uint64_t held)
{
	return identity_assign(&store->map, key, cap, held, NULL);
}

bool identity_store_set_scale(struct identity_store *store, uint32_t slot, uint32_t scale_percent)
{
	return identity_set_scale(&store->map, slot, scale_percent);
}

void identity_store_forget(
	struct identity_store *store, const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE])
{
	identity_forget(&store->map, fingerprint);
}
