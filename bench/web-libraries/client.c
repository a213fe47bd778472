/*
 * The measuring side: a WebSocket client over GnuTLS, blocking, that knows just enough to measure.
 *   client PORT [small]   → echo of 32 bytes (µs, p50 and p95), then of 64 KiB (Gbit/s each way) unless small
 * Room: bench. What it sends is always right, so it checks little.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 5000
#define BIG_ROUNDS 4000
#define BIG 65536
#define IN_FLIGHT 8

static gnutls_session_t tls;

static void must(int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "client: %s\n", what);
		exit(1);
	}
}

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void send_all(const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		const ssize_t sent = gnutls_record_send(tls, bytes, size);
		must(sent > 0, "send");
		bytes += sent;
		size -= (size_t)sent;
	}
}

static void receive_all(uint8_t *bytes, size_t size)
{
	while (size > 0) {
		const ssize_t got = gnutls_record_recv(tls, bytes, size);
		if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
			continue;
		must(got > 0, "receive");
		bytes += got;
		size -= (size_t)got;
	}
}

/* Masked with zeros: the mask is not what is measured. */
static size_t frame(uint8_t *at, size_t size)
{
	size_t head = 2;
	at[0] = 0x82;
	if (size < 126) {
		at[1] = (uint8_t)(0x80 | size);
	} else if (size < 65536) {
		at[1] = 0x80 | 126;
		at[2] = (uint8_t)(size >> 8);
		at[3] = (uint8_t)size;
		head = 4;
	} else {
		at[1] = 0x80 | 127;
		const uint64_t big = htobe64(size);
		memcpy(at + 2, &big, 8);
		head = 10;
	}
	memset(at + head, 0, 4);
	return head + 4;
}

static void receive_message(uint8_t *scratch, size_t size)
{
	size_t head = size < 126 ? 2 : size < 65536 ? 4 : 10;
	receive_all(scratch, head + size);
	must(scratch[0] == 0x82, "an unexpected frame");
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void measure_latency(uint8_t *out, uint8_t *in)
{
	static uint64_t took[ROUNDS];
	for (int i = 0; i < ROUNDS; i++) {
		const size_t head = frame(out, 32);
		const uint64_t start = now_ns();
		send_all(out, head + 32);
		receive_message(in, 32);
		took[i] = now_ns() - start;
	}
	qsort(took, ROUNDS, sizeof *took, compare);
	printf("32-byte echo p50 %.1f us, p95 %.1f us", (double)took[ROUNDS / 2] / 1e3,
		(double)took[ROUNDS * 95 / 100] / 1e3);
}

static void measure_throughput(uint8_t *out, uint8_t *in)
{
	const size_t size = frame(out, BIG) + BIG;
	const uint64_t start = now_ns();
	for (int i = 0; i < BIG_ROUNDS + IN_FLIGHT; i++) {
		if (i < BIG_ROUNDS)
			send_all(out, size);
		if (i >= IN_FLIGHT)
			receive_message(in, BIG);
	}
	const double seconds = (double)(now_ns() - start) / 1e9;
	printf("; 64 KiB echo %.2f Gbit/s each way\n", BIG * 8.0 * BIG_ROUNDS / seconds / 1e9);
}

static void upgrade(void)
{
	static const char request[] =
		"GET /session HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: lodge.v1\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	send_all((const uint8_t *)request, sizeof request - 1);
	char head[4096];
	size_t size = 0;
	while (size < 4 || memcmp(head + size - 4, "\r\n\r\n", 4)) {
		must(size < sizeof head, "answer head");
		receive_all((uint8_t *)head + size++, 1);
	}
	must(memcmp(head, "HTTP/1.1 101", 12) == 0, "no 101");
}

int main(int argc, char **argv)
{
	must(argc == 2 || argc == 3, "usage: client PORT [small]");
	const int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	const struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(argv[1])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	must(connect(fd, (const struct sockaddr *)&address, sizeof address) == 0, "connect");
	alarm(60);

	gnutls_certificate_credentials_t credentials;
	gnutls_certificate_allocate_credentials(&credentials);
	gnutls_init(&tls, GNUTLS_CLIENT);
	gnutls_set_default_priority(tls);
	gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(tls, fd);
	int result;
	do
		result = gnutls_handshake(tls);
	while (result < 0 && !gnutls_error_is_fatal(result));
	must(result == 0, "handshake");
	upgrade();
	uint8_t *out = calloc(1, BIG + 64), *in = calloc(1, BIG + 64);
	measure_latency(out, in);
	if (argc == 2)
		measure_throughput(out, in);
	else
		putchar('\n');
	return 0;
}
