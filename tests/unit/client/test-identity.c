#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "lodge_identity.h"

struct files {
	char folder[64], path[96];
};

static int set_up(void **state)
{
	struct files *files = calloc(1, sizeof *files);
	snprintf(files->folder, sizeof files->folder, "/tmp/lodge-identity-XXXXXX");
	assert_non_null(mkdtemp(files->folder));
	snprintf(files->path, sizeof files->path, "%s/identity.pem", files->folder);
	*state = files;
	return 0;
}

static int tear_down(void **state)
{
	struct files *files = *state;
	unlink(files->path);
	rmdir(files->folder);
	free(files);
	return 0;
}

static struct lodge_identity *open_identity(const struct files *files)
{
	char fault[256] = "";
	struct lodge_identity *identity = lodge_identity_open(files->path, fault, sizeof fault);
	if (!identity)
		fail_msg("%s", fault);
	return identity;
}

static void a_missing_key_is_made_for_its_owner_only(void **state)
{
	struct files *files = *state;
	struct stat status;
	struct lodge_identity *identity = open_identity(files);
	assert_int_equal(stat(files->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(lodge_identity_key(identity)[0], 4);
	lodge_identity_destroy(identity);
}

static void the_key_is_the_same_the_next_time(void **state)
{
	struct files *files = *state;
	uint8_t key[WIRE_KEY_SIZE];
	struct lodge_identity *identity = open_identity(files);
	memcpy(key, lodge_identity_key(identity), sizeof key);
	lodge_identity_destroy(identity);
	identity = open_identity(files);
	assert_memory_equal(lodge_identity_key(identity), key, sizeof key);
	lodge_identity_destroy(identity);
}

static void a_key_that_others_may_read_is_refused(void **state)
{
	struct files *files = *state;
	char fault[256] = "";
	lodge_identity_destroy(open_identity(files));
	chmod(files->path, 0640);
	assert_null(lodge_identity_open(files->path, fault, sizeof fault));
	assert_non_null(strstr(fault, files->path));
	assert_non_null(strstr(fault, "chmod 600"));
}

static void a_file_that_is_no_key_is_refused_and_left_alone(void **state)
{
	struct files *files = *state;
	char fault[256] = "", text[16] = "";
	FILE *file = fopen(files->path, "w");
	fputs("hello", file);
	fclose(file);
	chmod(files->path, 0600);
	assert_null(lodge_identity_open(files->path, fault, sizeof fault));
	assert_non_null(strstr(fault, files->path));
	file = fopen(files->path, "r");
	assert_int_equal(fread(text, 1, sizeof text, file), 5);
	fclose(file);
}

/* Checked by GnuTLS's own verification, over the text that docs/protocol.md §1 gives. */
static bool verifies(const uint8_t key[WIRE_KEY_SIZE], const uint8_t signature[WIRE_SIGNATURE_SIZE],
	const uint8_t nonce[WIRE_NONCE_SIZE], const char *authority)
{
	uint8_t text[256];
	const size_t context = sizeof "lodge-v1 attach";
	memcpy(text, "lodge-v1 attach", context);
	memcpy(text + context, nonce, WIRE_NONCE_SIZE);
	memcpy(text + context + WIRE_NONCE_SIZE, authority, strlen(authority));
	const gnutls_datum_t data = { text,
		(unsigned int)(context + WIRE_NONCE_SIZE + strlen(authority)) };
	const gnutls_datum_t x = { (unsigned char *)key + 1, 32 },
			     y = { (unsigned char *)key + 33, 32 };
	const gnutls_datum_t r = { (unsigned char *)signature, 32 },
			     s = { (unsigned char *)signature + 32, 32 };
	gnutls_datum_t der = { 0 };
	gnutls_pubkey_t public;
	assert_int_equal(gnutls_pubkey_init(&public), 0);
	assert_int_equal(
		gnutls_pubkey_import_ecc_raw(public, GNUTLS_ECC_CURVE_SECP256R1, &x, &y), 0);
	assert_int_equal(gnutls_encode_rs_value(&der, &r, &s), 0);
	const int result =
		gnutls_pubkey_verify_data2(public, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &der);
	gnutls_free(der.data);
	gnutls_pubkey_deinit(public);
	return result >= 0;
}

static void signatures_hold_for_this_nonce_and_authority_only(void **state)
{
	struct files *files = *state;
	uint8_t nonce[WIRE_NONCE_SIZE] = { 1, 2, 3 }, signature[WIRE_SIGNATURE_SIZE];
	struct lodge_identity *identity = open_identity(files);
	/* Numbers with leading zeros come up once in 128 signatures. */
	for (int i = 0; i < 600; i++) {
		nonce[31] = (uint8_t)i;
		assert_int_equal(lodge_identity_sign(identity, nonce, "den:7443", signature), 0);
		assert_true(verifies(lodge_identity_key(identity), signature, nonce, "den:7443"));
	}
	assert_false(verifies(lodge_identity_key(identity), signature, nonce, "den:7444"));
	nonce[0]++;
	assert_false(verifies(lodge_identity_key(identity), signature, nonce, "den:7443"));
	lodge_identity_destroy(identity);
}

#define WITH_FILES(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILES(a_missing_key_is_made_for_its_owner_only),
		WITH_FILES(the_key_is_the_same_the_next_time),
		WITH_FILES(a_key_that_others_may_read_is_refused),
		WITH_FILES(a_file_that_is_no_key_is_refused_and_left_alone),
		WITH_FILES(signatures_hold_for_this_nonce_and_authority_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
