#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "core/wire.h"
#include "session/clients.h"

#define AUTHORITY "host.example:8443"

/* A client: its private key, and the public one as it goes over the wire. */
struct signer {
	gnutls_privkey_t private_key;
	uint8_t key[CLIENT_KEY_SIZE];
	uint8_t nonce[CLIENT_NONCE_SIZE];
};

/* A DER integer or coordinate, which may have lost leading zeros or gained one, as 32 bytes. */
static void put_32(uint8_t *bytes, const gnutls_datum_t *number)
{
	const size_t skip = number->size > 32 ? number->size - 32 : 0;
	const size_t size = number->size - skip;
	memset(bytes, 0, 32);
	memcpy(bytes + 32 - size, number->data + skip, size);
}

static int set_up(void **state)
{
	struct signer *signer = calloc(1, sizeof *signer);
	gnutls_datum_t x = { 0 }, y = { 0 };
	gnutls_ecc_curve_t curve;
	assert_int_equal(gnutls_privkey_init(&signer->private_key), 0);
	assert_int_equal(gnutls_privkey_generate(signer->private_key, GNUTLS_PK_ECDSA,
				 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
		0);
	assert_int_equal(
		gnutls_privkey_export_ecc_raw(signer->private_key, &curve, &x, &y, NULL), 0);
	signer->key[0] = 4;
	put_32(signer->key + 1, &x);
	put_32(signer->key + 33, &y);
	gnutls_free(x.data);
	gnutls_free(y.data);
	assert_int_equal(gnutls_rnd(GNUTLS_RND_NONCE, signer->nonce, sizeof signer->nonce), 0);
	*state = signer;
	return 0;
}

static int tear_down(void **state)
{
	struct signer *signer = *state;
	gnutls_privkey_deinit(signer->private_key);
	free(signer);
	return 0;
}

static void sign_text(struct signer *signer, const void *text, size_t size, uint8_t signature[64])
{
	const gnutls_datum_t data = { (unsigned char *)text, (unsigned)size };
	gnutls_datum_t der = { 0 }, r = { 0 }, s = { 0 };
	assert_int_equal(gnutls_privkey_sign_data2(
				 signer->private_key, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &der),
		0);
	assert_int_equal(gnutls_decode_rs_value(&der, &r, &s), 0);
	put_32(signature, &r);
	put_32(signature + 32, &s);
	gnutls_free(der.data);
	gnutls_free(r.data);
	gnutls_free(s.data);
}

static void sign(struct signer *signer, const char *authority, uint8_t signature[64])
{
	uint8_t text[1024];
	size_t size = 0;
	memcpy(text, "lodge-v1 attach\0", 16);
	size += 16;
	memcpy(text + size, signer->nonce, CLIENT_NONCE_SIZE);
	size += CLIENT_NONCE_SIZE;
	memcpy(text + size, authority, strlen(authority));
	size += strlen(authority);
	sign_text(signer, text, size, signature);
}

static void a_signature_of_the_key_is_accepted(void **state)
{
	struct signer *signer = *state;
	uint8_t signature[64];
	sign(signer, AUTHORITY, signature);
	assert_true(client_verify(signer->key, signature, signer->nonce, AUTHORITY));
}

/* One signature in 128 has an r or s with leading zeros, which DER writes in fewer bytes. */
static void numbers_with_leading_zeros_are_accepted(void **state)
{
	struct signer *signer = *state;
	bool small_r = false, small_s = false;
	for (int i = 0; i < 20000 && !(small_r && small_s); i++) {
		uint8_t signature[64];
		sign(signer, AUTHORITY, signature);
		if (signature[0] != 0 && signature[32] != 0)
			continue;
		small_r = small_r || signature[0] == 0;
		small_s = small_s || signature[32] == 0;
		assert_true(client_verify(signer->key, signature, signer->nonce, AUTHORITY));
	}
	assert_true(small_r && small_s);
}

static void another_nonce_is_refused(void **state)
{
	struct signer *signer = *state;
	uint8_t signature[64];
	sign(signer, AUTHORITY, signature);
	for (size_t i = 0; i < CLIENT_NONCE_SIZE; i++) {
		signer->nonce[i] ^= 1;
		assert_false(client_verify(signer->key, signature, signer->nonce, AUTHORITY));
		signer->nonce[i] ^= 1;
	}
}

static void another_authority_is_refused(void **state)
{
	struct signer *signer = *state;
	static const char *const others[] = { "host.example:8444", "host.example",
		"HOST.example:8443", "host.example:8443 ", "other.example:8443", "" };
	uint8_t signature[64];
	sign(signer, AUTHORITY, signature);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(client_verify(signer->key, signature, signer->nonce, others[i]));
}

static void an_authority_longer_than_any_name_is_refused(void **state)
{
	struct signer *signer = *state;
	char authority[600];
	memset(authority, 'a', sizeof authority);
	authority[513] = '\0';
	uint8_t signature[64];
	sign(signer, authority, signature);
	assert_false(client_verify(signer->key, signature, signer->nonce, authority));
	authority[512] = '\0';
	sign(signer, authority, signature);
	assert_true(client_verify(signer->key, signature, signer->nonce, authority));
}

static void another_context_is_refused(void **state)
{
	struct signer *signer = *state;
	uint8_t text[16 + CLIENT_NONCE_SIZE + sizeof AUTHORITY - 1], signature[64];
	memcpy(text, "lodge-v1 attest\0", 16);
	memcpy(text + 16, signer->nonce, CLIENT_NONCE_SIZE);
	memcpy(text + 16 + CLIENT_NONCE_SIZE, AUTHORITY, sizeof AUTHORITY - 1);
	sign_text(signer, text, sizeof text, signature);
	assert_false(client_verify(signer->key, signature, signer->nonce, AUTHORITY));
}

static void every_changed_byte_of_the_signature_is_refused(void **state)
{
	struct signer *signer = *state;
	uint8_t signature[64];
	sign(signer, AUTHORITY, signature);
	for (size_t i = 0; i < sizeof signature; i++) {
		signature[i] ^= 0x80;
		assert_false(client_verify(signer->key, signature, signer->nonce, AUTHORITY));
		signature[i] ^= 0x80;
	}
}

static void trivial_signatures_are_refused(void **state)
{
	struct signer *signer = *state;
	static const uint8_t order[32] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3,
		0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };
	uint8_t signature[64] = { 0 };
	assert_false(client_verify(signer->key, signature, signer->nonce, AUTHORITY));
	memset(signature, 0xff, sizeof signature);
	assert_false(client_verify(signer->key, signature, signer->nonce, AUTHORITY));
	memcpy(signature, order, 32);
	memcpy(signature + 32, order, 32);
	assert_false(client_verify(signer->key, signature, signer->nonce, AUTHORITY));
	memset(signature, 0, 32); /* r = 0, s = 1 */
	memset(signature + 32, 0, 31);
	signature[63] = 1;
	assert_false(client_verify(signer->key, signature, signer->nonce, AUTHORITY));
}

static void another_key_is_refused(void **state)
{
	struct signer *signer = *state;
	void *other = NULL;
	set_up(&other);
	uint8_t signature[64];
	sign(signer, AUTHORITY, signature);
	assert_false(
		client_verify(((struct signer *)other)->key, signature, signer->nonce, AUTHORITY));
	tear_down(&other);
}

static void a_point_off_the_curve_is_refused(void **state)
{
	struct signer *signer = *state;
	uint8_t signature[64], key[CLIENT_KEY_SIZE];
	sign(signer, AUTHORITY, signature);
	memcpy(key, signer->key, sizeof key);
	key[64] ^= 1;
	assert_false(client_verify(key, signature, signer->nonce, AUTHORITY));
	memset(key + 1, 0, 64); /* (0, 0) */
	assert_false(client_verify(key, signature, signer->nonce, AUTHORITY));
	memset(key + 1, 0xff, 64); /* coordinates beyond the field */
	assert_false(client_verify(key, signature, signer->nonce, AUTHORITY));
}

static void a_key_that_is_no_uncompressed_point_is_refused(void **state)
{
	struct signer *signer = *state;
	uint8_t signature[64];
	sign(signer, AUTHORITY, signature);
	for (unsigned first = 0; first < 256; first++) {
		signer->key[0] = (uint8_t)first;
		assert_int_equal(client_verify(signer->key, signature, signer->nonce, AUTHORITY),
			first == 4);
	}
}

/* By sha256sum(1), of 04 01 02 … 40. */
static void a_fingerprint_is_the_sha256_of_the_65_bytes(void **state)
{
	uint8_t key[CLIENT_KEY_SIZE], fingerprint[CLIENT_FINGERPRINT_SIZE];
	static const uint8_t expected[CLIENT_FINGERPRINT_SIZE] = { 0x0e, 0xd3, 0xa6, 0xab, 0x95,
		0x7f, 0xf6, 0xf5, 0x9a, 0x96, 0x30, 0xa4, 0x73, 0xd3, 0x1a, 0x7d, 0x04, 0xfc, 0xb4,
		0x65, 0x48, 0xb8, 0x90, 0x16, 0x19, 0x69, 0x80, 0xc7, 0xe9, 0x65, 0x84, 0xf6 };
	key[0] = 4;
	for (unsigned i = 1; i < CLIENT_KEY_SIZE; i++)
		key[i] = (uint8_t)i;
	client_fingerprint(key, fingerprint);
	assert_memory_equal(fingerprint, expected, sizeof expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_signature_of_the_key_is_accepted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			numbers_with_leading_zeros_are_accepted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_nonce_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_authority_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_authority_longer_than_any_name_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_context_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			every_changed_byte_of_the_signature_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(trivial_signatures_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_key_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_point_off_the_curve_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_key_that_is_no_uncompressed_point_is_refused, set_up, tear_down),
		cmocka_unit_test(a_fingerprint_is_the_sha256_of_the_65_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
