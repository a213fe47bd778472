/*
 * tls_floor: what it costs to hand a message to one more viewer when nothing but TLS and the kernel is left. Prints the
 * processor time of the sender for each message of a size, over a socket pair, read by another process.
 *
 *   tls_floor -b BYTES -n MESSAGES
 */
#include <gnutls/gnutls.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RECORD_MAX 16384
#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ANON-DH:-CIPHER-ALL:+AES-256-GCM"

static bool begin(gnutls_session_t *session, unsigned flags, gnutls_credentials_type_t kind,
	void *credentials, int socket)
{
	if (gnutls_init(session, flags) < 0 ||
		gnutls_priority_set_direct(*session, PRIORITY, NULL) < 0 ||
		gnutls_credentials_set(*session, kind, credentials) < 0)
		return false;
	gnutls_transport_set_int(*session, socket);
	int result;
	do
		result = gnutls_handshake(*session);
	while (result < 0 && !gnutls_error_is_fatal(result));
	if (result < 0)
		fprintf(stderr, "tls_floor: %s\n", gnutls_strerror(result));
	return result == 0;
}

static int read_all(int socket)
{
	static char buffer[RECORD_MAX];
	gnutls_anon_client_credentials_t credentials;
	gnutls_session_t session;
	gnutls_anon_allocate_client_credentials(&credentials);
	if (!begin(&session, GNUTLS_CLIENT, GNUTLS_CRD_ANON, credentials, socket))
		return EXIT_FAILURE;
	while (gnutls_record_recv(session, buffer, sizeof buffer) > 0)
		;
	return EXIT_SUCCESS;
}

static double own_cpu_us(void)
{
	struct timespec time;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static bool send_message(gnutls_session_t session, const char *bytes, size_t size)
{
	while (size > 0) {
		const size_t part = size < RECORD_MAX ? size : RECORD_MAX;
		const ssize_t sent = gnutls_record_send(session, bytes, part);
		if (sent < 0)
			return false;
		size -= (size_t)sent;
	}
	return true;
}

static double measure(int socket, size_t size, unsigned count)
{
	gnutls_anon_server_credentials_t credentials;
	gnutls_session_t session;
	char *bytes = calloc(1, RECORD_MAX);
	gnutls_anon_allocate_server_credentials(&credentials);
	gnutls_anon_set_server_known_dh_params(credentials, GNUTLS_SEC_PARAM_MEDIUM);
	if (!bytes || !begin(&session, GNUTLS_SERVER, GNUTLS_CRD_ANON, credentials, socket))
		return -1;
	const double began = own_cpu_us();
	for (unsigned i = 0; i < count; i++) {
		if (!send_message(session, bytes, size))
			return -1;
	}
	const double spent = own_cpu_us() - began;
	gnutls_bye(session, GNUTLS_SHUT_WR);
	gnutls_deinit(session);
	gnutls_anon_free_server_credentials(credentials);
	free(bytes);
	return spent / count;
}

int main(int argc, char **argv)
{
	size_t size = 20000;
	unsigned count = 2000;
	int option, sockets[2];
	while ((option = getopt(argc, argv, "b:n:")) != -1) {
		if (option == 'b')
			size = strtoul(optarg, NULL, 10);
		else if (option == 'n')
			count = (unsigned)strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (size == 0 || count == 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		return 2;
	const pid_t reader = fork();
	if (reader == 0) {
		close(sockets[0]);
		_exit(read_all(sockets[1]));
	}
	close(sockets[1]);
	const double cost_us = measure(sockets[0], size, count);
	close(sockets[0]);
	waitpid(reader, NULL, 0);
	if (cost_us < 0) {
		fprintf(stderr, "tls_floor: the handshake or a record failed\n");
		return EXIT_FAILURE;
	}
	json_t *report =
		json_pack("{s:I, s:f}", "bytes", (json_int_t)size, "us_per_message", cost_us);
	json_dumpf(report, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(report);
	return EXIT_SUCCESS;
}
