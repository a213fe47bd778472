#include "web/certificate_make.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DAY_S (24 * 3600)
#define LIFE_S (3652ll * DAY_S)

static int complain(int error)
{
	fprintf(stderr, "lodged: a certificate cannot be made: %s\n", gnutls_strerror(error));
	return -EIO;
}

int certificate_make_key(gnutls_datum_t *pem)
{
	gnutls_x509_privkey_t key;
	int result = gnutls_x509_privkey_init(&key);
	if (result < 0)
		return complain(result);
	result = gnutls_x509_privkey_generate(
		key, GNUTLS_PK_EC, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (result >= 0)
		result = gnutls_x509_privkey_export2_pkcs8(
			key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, pem);
	gnutls_x509_privkey_deinit(key);
	return result < 0 ? complain(result) : 0;
}

static int add_name(gnutls_x509_crt_t certificate, const char *name)
{
	return gnutls_x509_crt_set_subject_alt_name(
		certificate, GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name), GNUTLS_FSAN_APPEND);
}

static int add_address(gnutls_x509_crt_t certificate, const void *address, unsigned size)
{
	return gnutls_x509_crt_set_subject_alt_name(
		certificate, GNUTLS_SAN_IPADDRESS, address, size, GNUTLS_FSAN_APPEND);
}

static int add_local_address(gnutls_x509_crt_t certificate, const struct sockaddr *address)
{
	if (address && address->sa_family == AF_INET) {
		const struct in_addr *four = &((const struct sockaddr_in *)address)->sin_addr;
		if (four->s_addr != htonl(INADDR_LOOPBACK))
			return add_address(certificate, four, sizeof *four);
	} else if (address && address->sa_family == AF_INET6) {
		const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;
		/* A link-local address needs a zone, which a URL does not carry. */
		if (!IN6_IS_ADDR_LOOPBACK(six) && !IN6_IS_ADDR_LINKLOCAL(six))
			return add_address(certificate, six, sizeof *six);
	}
	return 0;
}

static int add_names(gnutls_x509_crt_t certificate, const char *host)
{
	const in_addr_t loopback = htonl(INADDR_LOOPBACK);
	int result = add_name(certificate, "localhost");
	if (result >= 0 && strcmp(host, "localhost") != 0)
		result = add_name(certificate, host);
	if (result >= 0)
		result = add_address(certificate, &loopback, sizeof loopback);
	if (result >= 0)
		result = add_address(certificate, &in6addr_loopback, sizeof in6addr_loopback);
	struct ifaddrs *addresses = NULL;
	if (getifaddrs(&addresses) < 0)
		return result; /* the names alone, then */
	for (struct ifaddrs *one = addresses; one && result >= 0; one = one->ifa_next)
		result = add_local_address(certificate, one->ifa_addr);
	freeifaddrs(addresses);
	return result;
}

static int set_identity(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
	uint8_t serial[16], key_id[20];
	size_t key_id_size = sizeof key_id;
	int result = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40); /* positive, of full length */
	if (result >= 0)
		result = gnutls_x509_crt_set_version(certificate, 3);
	if (result >= 0)
		result = gnutls_x509_crt_set_serial(certificate, serial, sizeof serial);
	if (result >= 0)
		result = gnutls_x509_crt_set_key(certificate, key);
	if (result >= 0)
		result = gnutls_x509_crt_get_key_id(certificate, 0, key_id, &key_id_size);
	if (result >= 0)
		result = gnutls_x509_crt_set_subject_key_id(certificate, key_id, key_id_size);
	return result;
}

static int set_use(gnutls_x509_crt_t certificate)
{
	const time_t now = time(NULL);
	/* A day back: the clocks of host and client differ. */
	int result = gnutls_x509_crt_set_activation_time(certificate, now - DAY_S);
	if (result >= 0)
		result = gnutls_x509_crt_set_expiration_time(certificate, now + LIFE_S);
	if (result >= 0)
		result = gnutls_x509_crt_set_basic_constraints(certificate, 0, -1);
	if (result >= 0)
		result = gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (result >= 0)
		result = gnutls_x509_crt_set_key_purpose_oid(
			certificate, GNUTLS_KP_TLS_WWW_SERVER, 0);
	return result;
}

static int fill_and_sign(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
	char host[65] = "";
	if (gethostname(host, sizeof host - 1) < 0 || host[0] == '\0')
		snprintf(host, sizeof host, "localhost");
	int result = set_identity(certificate, key);
	if (result >= 0)
		result = gnutls_x509_crt_set_dn_by_oid(
			certificate, GNUTLS_OID_X520_COMMON_NAME, 0, host, (unsigned)strlen(host));
	if (result >= 0)
		result = set_use(certificate);
	if (result >= 0)
		result = add_names(certificate, host);
	if (result >= 0)
		result = gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
	return result;
}

int certificate_make(const gnutls_datum_t *key_pem, gnutls_datum_t *pem)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t certificate = NULL;
	int result = gnutls_x509_privkey_init(&key);
	if (result >= 0)
		result = gnutls_x509_crt_init(&certificate);
	if (result >= 0 &&
		gnutls_x509_privkey_import2(key, key_pem, GNUTLS_X509_FMT_PEM, NULL, 0) < 0) {
		gnutls_x509_crt_deinit(certificate);
		gnutls_x509_privkey_deinit(key);
		return -EINVAL;
	}
	if (result >= 0)
		result = fill_and_sign(certificate, key);
	if (result >= 0)
		result = gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, pem);
	if (certificate)
		gnutls_x509_crt_deinit(certificate);
	if (key)
		gnutls_x509_privkey_deinit(key);
	return result < 0 ? complain(result) : 0;
}
