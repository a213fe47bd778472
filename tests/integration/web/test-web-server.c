/* The server itself: TLS, certificate and pages on disk, addresses, how many connections, stopping. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/web_client.h"

static int start(void **state)
{
	static struct web_fixture fixture;
	web_fixture_start(&fixture);
	*state = &fixture;
	return 0;
}

static int stop(void **state)
{
	web_fixture_stop(*state);
	return 0;
}

static int start_folders(void **state)
{
	static struct web_fixture fixture;
	memset(&fixture, 0, sizeof fixture);
	web_fixture_make_folders(&fixture);
	assert_true(sd_event_new(&fixture.event) >= 0);
	*state = &fixture;
	return 0;
}

static int stop_folders(void **state)
{
	struct web_fixture *fixture = *state;
	sd_event_unref(fixture->event);
	web_fixture_remove_folders(fixture);
	return 0;
}

static int shake(struct web_fixture *fixture, const char *priorities, const char *protocol,
	gnutls_protocol_t *version)
{
	struct web_client client;
	const int result = web_client_shake_hands(&client, fixture, priorities, protocol);
	if (result == 0)
		*version = gnutls_protocol_get_version(client.tls);
	web_client_close(&client);
	return result;
}

static void tls_1_2_and_1_3_are_spoken_and_nothing_older(void **state)
{
	gnutls_protocol_t version;
	assert_int_equal(shake(*state, "NORMAL:-VERS-ALL:+VERS-TLS1.2", NULL, &version), 0);
	assert_int_equal(version, GNUTLS_TLS1_2);
	assert_int_equal(shake(*state, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL, &version), 0);
	assert_int_equal(version, GNUTLS_TLS1_3);
	assert_true(shake(*state, "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", NULL, &version) < 0);
}

static void other_protocols_are_refused_in_the_handshake(void **state)
{
	gnutls_protocol_t version;
	assert_true(shake(*state, NULL, "h2", &version) < 0);
}

/* The one test that waits for the socket's real timer, 10 s; what it does is tested with a clock of our own. */
static void stalled_handshake_is_closed(void **state)
{
	static const uint8_t beginning[] = { 0x16, 3, 1, 0, 200, 1, 0, 0, 196 };
	struct web_client client;
	web_client_open_plain(&client, *state);
	web_client_send(&client, beginning, sizeof beginning);
	web_client_expect_end(&client);
	web_client_close(&client);
}

static void garbage_instead_of_a_handshake_harms_nobody(void **state)
{
	static const uint8_t garbage[] = { 0x16, 3, 1, 0, 5, 99, 0, 0, 1, 5, 6, 7, 8, 9 };
	static struct web_answer answer;
	struct web_client client;
	web_client_open_plain(&client, *state);
	web_client_send(&client, garbage, sizeof garbage);
	web_client_expect_end(&client);
	web_client_close(&client);
	web_client_open(&client, *state);
	web_client_ask(&client, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_int_equal(answer.status, 200);
	web_client_close(&client);
}

static void certificate_names_this_machine(void **state)
{
	struct web_client client;
	unsigned count = 0;
	gnutls_x509_crt_t certificate;
	web_client_open(&client, *state);
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(client.tls, &count);
	assert_int_equal(count, 1);
	gnutls_x509_crt_init(&certificate);
	assert_int_equal(gnutls_x509_crt_import(certificate, chain, GNUTLS_X509_FMT_DER), 0);
	assert_true(gnutls_x509_crt_check_hostname(certificate, "localhost"));
	assert_true(gnutls_x509_crt_check_hostname(certificate, "127.0.0.1"));
	assert_true(gnutls_x509_crt_check_hostname(certificate, "::1"));
	assert_false(gnutls_x509_crt_check_hostname(certificate, "elsewhere.test"));
	gnutls_ecc_curve_t curve;
	assert_int_equal(gnutls_x509_crt_get_pk_ecc_raw(certificate, &curve, NULL, NULL), 0);
	assert_int_equal(curve, GNUTLS_ECC_CURVE_SECP256R1);
	const time_t years =
		(gnutls_x509_crt_get_expiration_time(certificate) - time(NULL)) / (365 * 86400);
	assert_int_equal(years, 10);
	gnutls_x509_crt_deinit(certificate);
	web_client_close(&client);
}

static struct web_server *create(struct web_fixture *fixture)
{
	return web_server_create(&(struct web_server_params){
		.event = fixture->event,
		.sessions = &fixture->sessions,
		.state_folder = fixture->state,
		.page_folder = fixture->pages,
	});
}

static size_t read_file(const char *folder, const char *name, char *bytes, size_t capacity)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	const size_t size = fread(bytes, 1, capacity, file);
	fclose(file);
	return size;
}

static mode_t mode_of(const char *folder, const char *name)
{
	char path[256];
	struct stat status;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 07777;
}

static void certificate_is_made_once(void **state)
{
	static char key[4096], certificate[4096], again[4096];
	struct web_fixture *fixture = *state;
	const mode_t mask =
		umask(0077); /* as the daemon has it: the certificate is public all the same */
	web_server_destroy(create(fixture));
	umask(mask);
	assert_int_equal(mode_of(fixture->state, "key.pem"), 0600);
	assert_int_equal(mode_of(fixture->state, "certificate.pem"), 0644);
	const size_t key_size = read_file(fixture->state, "key.pem", key, sizeof key);
	const size_t size =
		read_file(fixture->state, "certificate.pem", certificate, sizeof certificate);
	struct web_server *server = create(fixture);
	assert_non_null(server);
	web_server_destroy(server);
	assert_int_equal(read_file(fixture->state, "key.pem", again, sizeof again), key_size);
	assert_memory_equal(again, key, key_size);
	assert_int_equal(read_file(fixture->state, "certificate.pem", again, sizeof again), size);
	assert_memory_equal(again, certificate, size);

	/* A first run that was cut off between the two files: the key stays, its certificate is made. */
	char path[256];
	snprintf(path, sizeof path, "%s/certificate.pem", fixture->state);
	assert_int_equal(unlink(path), 0);
	server = create(fixture);
	assert_non_null(server);
	web_server_destroy(server);
	assert_int_equal(read_file(fixture->state, "key.pem", again, sizeof again), key_size);
	assert_memory_equal(again, key, key_size);
	DIR *folder = opendir(fixture->state);
	unsigned files = 0;
	for (const struct dirent *entry; (entry = readdir(folder));)
		files += entry->d_name[0] != '.';
	closedir(folder);
	assert_int_equal(files, 2); /* and no temporary one */
}

static void broken_files_are_refused_and_kept(void **state)
{
	struct web_fixture *fixture = *state;
	char bytes[64], path[256];
	web_server_destroy(create(fixture));
	test_write_file(fixture->state, "certificate.pem", "nonsense", 8);
	assert_null(create(fixture));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(read_file(fixture->state, "certificate.pem", bytes, sizeof bytes), 8);

	snprintf(path, sizeof path, "%s/certificate.pem", fixture->state);
	unlink(path);
	test_write_file(fixture->state, "key.pem", "", 0);
	assert_null(create(fixture));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(read_file(fixture->state, "key.pem", bytes, sizeof bytes), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void certificate_of_another_key_is_refused(void **state)
{
	struct web_fixture *fixture = *state;
	char path[256], kept[256];
	web_server_destroy(create(fixture));
	snprintf(path, sizeof path, "%s/certificate.pem", fixture->state);
	snprintf(kept, sizeof kept, "%s/kept.pem", fixture->state);
	assert_int_equal(rename(path, kept), 0);
	snprintf(path, sizeof path, "%s/key.pem", fixture->state);
	assert_int_equal(unlink(path), 0);
	web_server_destroy(create(fixture));
	snprintf(path, sizeof path, "%s/certificate.pem", fixture->state);
	assert_int_equal(rename(kept, path), 0);
	assert_null(create(fixture));
	assert_int_equal(errno, EINVAL);
	snprintf(path, sizeof path, "%s/key.pem", fixture->state);
	assert_int_equal(unlink(path), 0);
	assert_null(create(fixture)); /* a certificate without its key */
	assert_int_equal(errno, ENOENT);
}

static void key_that_others_may_read_is_refused(void **state)
{
	struct web_fixture *fixture = *state;
	char path[256];
	web_server_destroy(create(fixture));
	snprintf(path, sizeof path, "%s/key.pem", fixture->state);
	assert_int_equal(chmod(path, 0640), 0);
	assert_null(create(fixture));
	assert_int_equal(errno, EPERM);
	assert_int_equal(mode_of(fixture->state, "key.pem"), 0640);
}

static void pages_are_needed_and_bounded(void **state)
{
	static char big[5 * 1024 * 1024];
	struct web_fixture *fixture = *state;
	test_write_file(fixture->pages, "one.js", big, sizeof big);
	struct web_server *server = create(fixture);
	assert_non_null(server);
	web_server_destroy(server);
	test_write_file(fixture->pages, "two.js", big, sizeof big);
	assert_null(create(fixture));
	assert_int_equal(errno, EFBIG);

	char path[256];
	snprintf(path, sizeof path, "%s/two.js", fixture->pages);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof path, "%s/index.html", fixture->pages);
	assert_int_equal(unlink(path), 0);
	assert_null(create(fixture));
	assert_int_equal(errno, ENOENT);
	snprintf(fixture->pages, sizeof fixture->pages, "%s/missing", fixture->folder);
	assert_null(create(fixture));
	assert_int_equal(errno, ENOENT);
}

static void folders_of_pages_are_served_with_their_types(void **state)
{
	static const struct {
		const char *name, *type;
	} pages[] = {
		{ "a.js", "text/javascript; charset=utf-8" },
		{ "a.mjs", "text/javascript; charset=utf-8" },
		{ "a.css", "text/css; charset=utf-8" },
		{ "a.svg", "image/svg+xml" },
		{ "a.json", "application/json" },
		{ "a.png", "image/png" },
		{ "a.woff2", "font/woff2" },
	};
	static struct web_answer answer;
	struct web_fixture *fixture = *state;
	struct web_client client;
	char folder[160], request[256], value[512];
	snprintf(folder, sizeof folder, "%s/below", fixture->pages);
	assert_int_equal(mkdir(folder, 0700), 0);
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		test_write_file(folder, pages[i].name, pages[i].name, strlen(pages[i].name));
	test_write_file(folder, ".hidden.js", "x", 1);
	test_write_file(folder, "README", "x", 1);
	fixture->server = create(fixture);
	assert_non_null(fixture->server);
	fixture->port = web_server_listen(fixture->server, "127.0.0.1:0");
	web_client_open(&client, fixture);
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		snprintf(request, sizeof request, "GET /below/%s HTTP/1.1\r\nHost: a\r\n\r\n",
			pages[i].name);
		web_client_ask(&client, request, &answer);
		assert_int_equal(answer.status, 200);
		assert_string_equal(
			web_answer_header(&answer, "Content-Type", value), pages[i].type);
		assert_string_equal(answer.body, pages[i].name);
	}
	web_client_ask(&client, "GET /below/.hidden.js HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_int_equal(answer.status, 404);
	web_client_ask(&client, "GET /below/README HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_int_equal(answer.status, 404);
	web_client_close(&client);
	web_server_destroy(fixture->server);
}

static void page_larger_than_every_buffer_comes_whole(void **state)
{
	static uint8_t page[6 * 1024 * 1024], copy[sizeof page];
	struct web_fixture *fixture = *state;
	struct web_client client;
	for (size_t i = 0; i < sizeof page; i++)
		page[i] = (uint8_t)(i * 7 + (i >> 13));
	test_write_file(fixture->pages, "big.png", page, sizeof page);
	fixture->server = create(fixture);
	assert_non_null(fixture->server);
	fixture->port = web_server_listen(fixture->server, "127.0.0.1:0");
	web_client_open(&client, fixture);
	web_client_send_text(
		&client, "GET /big.png HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	char tail[4] = "";
	while (memcmp(tail, "\r\n\r\n", 4) != 0) {
		memmove(tail, tail + 1, 3);
		assert_true(web_client_read(&client, tail + 3, 1));
	}
	for (int i = 0; i < 50; i++) /* the client is slow: the kernel's buffers fill up */
		web_fixture_turn(fixture);
	assert_true(web_client_read(&client, copy, sizeof copy));
	assert_memory_equal(copy, page, sizeof page);
	web_client_expect_end(&client);
	web_client_close(&client);
	web_server_destroy(fixture->server);
}

static void addresses_are_literal(void **state)
{
	static const char *const wrong[] = { "", "localhost:0", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:0", "[::1]", "[127.0.0.1]:0",
		"127.0.0.1:0 ", ":0" };
	struct web_fixture *fixture = *state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(web_server_listen(fixture->server, wrong[i]), -EINVAL);
	char taken[64];
	snprintf(taken, sizeof taken, "127.0.0.1:%d", fixture->port);
	assert_int_equal(web_server_listen(fixture->server, taken), -EADDRINUSE);
	assert_true(web_server_listen(fixture->server, "[::1]:0") > 0);
	const int port = web_server_listen(fixture->server, "127.0.0.2:0");
	assert_true(port > 0 && port != fixture->port);
}

static unsigned descriptors(void)
{
	unsigned count = 0;
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static bool no_more_descriptors(void *data)
{
	return descriptors() <= *(const unsigned *)data;
}

static void connections_leave_no_descriptor_behind(void **state)
{
	static struct web_answer answer;
	struct web_fixture *fixture = *state;
	struct web_client client;
	web_client_open(&client, fixture);
	web_client_close(&client);
	for (int i = 0; i < 10; i++)
		web_fixture_turn(fixture);
	unsigned before = descriptors();
	for (int i = 0; i < 100; i++) {
		if (i % 4 == 0) {
			web_client_open_plain(&client, fixture);
		} else {
			web_client_open(&client, fixture);
			if (i % 4 == 2)
				web_client_upgrade(&client);
			else if (i % 4 == 3)
				web_client_ask(
					&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
		}
		web_client_close(&client);
	}
	web_fixture_wait(fixture, "as many descriptors as before", no_more_descriptors, &before);
	assert_int_equal(fixture->sessions.attached, 25);
	assert_int_equal(fixture->sessions.detached, 25);
}

static void one_address_cannot_take_every_connection(void **state)
{
	static struct web_answer answer;
	struct web_fixture *fixture = *state;
	struct web_client sessions[4], idle[32], client;
	for (int i = 0; i < 4; i++) { /* those that carry a session do not count */
		web_client_open(&sessions[i], fixture);
		web_client_upgrade(&sessions[i]);
	}
	for (int i = 0; i < 32; i++)
		web_client_open(&idle[i], fixture);
	assert_true(web_client_shake_hands(&client, fixture, NULL, NULL) < 0);
	web_client_close(&client);
	web_client_close(&idle[0]);
	for (int i = 0; i < 10; i++)
		web_fixture_turn(fixture);
	web_client_open(&client, fixture);
	web_client_ask(&client, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_int_equal(answer.status, 200);
	web_client_close(&client);
	for (int i = 0; i < 4; i++)
		web_client_close(&sessions[i]);
	for (int i = 1; i < 32; i++)
		web_client_close(&idle[i]);
}

static void accepting_goes_on_after_the_descriptors_ran_out(void **state)
{
	static struct web_answer answer;
	struct web_fixture *fixture = *state;
	struct web_client client;
	struct rlimit limit;
	for (int i = 0; i < 3; i++) /* whatever the loop opens when it first runs is open */
		web_fixture_turn(fixture);
	web_client_connect_plain(&client, fixture); /* in the backlog, not yet accepted */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	const int lowest_free = dup(0);
	close(lowest_free);
	const struct rlimit tight = { (rlim_t)lowest_free, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	int idle_turns = 0;
	for (int i = 0; i < 20; i++)
		idle_turns += sd_event_run(fixture->event, 1000) == 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(idle_turns > 0); /* it does not try again and again */
	/* and then it is served, with those that came later */
	web_client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	web_client_read_answer(&client, &answer, false);
	assert_int_equal(answer.status, 400); /* the hint for plain HTTP */
	web_client_close(&client);
	web_client_open(&client, fixture);
	web_client_ask(&client, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_int_equal(answer.status, 200);
	web_client_close(&client);
}

static void stopped_server_finishes_what_is_under_way(void **state)
{
	struct web_fixture *fixture = *state;
	struct web_client idle, session;
	web_client_open(&idle, fixture);
	web_client_open(&session, fixture);
	web_client_upgrade(&session);
	web_server_stop(fixture->server);
	web_client_expect_end(&idle);
	web_client_send_frame(
		&session, FRAME_FIN | 0x2, "still", 5); /* the session room ends these */
	web_client_expect_message(&session, "still", 5);
	struct session *attached = fixture->sessions.newest;
	attached->impl->close(attached->transport);
	web_client_expect_close(&session, 1000);
	struct web_client late;
	assert_true(web_client_shake_hands(&late, fixture, NULL, NULL) < 0);
	web_client_close(&late);
	web_client_close(&idle);
	web_client_close(&session);
}

static void destroyed_server_detaches_its_sessions(void **state)
{
	struct web_fixture *fixture = *state;
	struct web_client client;
	web_client_open(&client, fixture);
	web_client_upgrade(&client);
	web_server_destroy(fixture->server);
	fixture->server = NULL;
	assert_int_equal(fixture->sessions.detached, 1);
	web_client_expect_end(&client);
	web_client_close(&client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
#define TEST_FOLDERS(name) cmocka_unit_test_setup_teardown(name, start_folders, stop_folders)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tls_1_2_and_1_3_are_spoken_and_nothing_older),
		TEST(other_protocols_are_refused_in_the_handshake),
		TEST(stalled_handshake_is_closed),
		TEST(garbage_instead_of_a_handshake_harms_nobody),
		TEST(certificate_names_this_machine),
		TEST_FOLDERS(certificate_is_made_once),
		TEST_FOLDERS(broken_files_are_refused_and_kept),
		TEST_FOLDERS(certificate_of_another_key_is_refused),
		TEST_FOLDERS(key_that_others_may_read_is_refused),
		TEST_FOLDERS(pages_are_needed_and_bounded),
		TEST_FOLDERS(folders_of_pages_are_served_with_their_types),
		TEST_FOLDERS(page_larger_than_every_buffer_comes_whole),
		TEST(addresses_are_literal),
		TEST(connections_leave_no_descriptor_behind),
		TEST(one_address_cannot_take_every_connection),
		TEST(accepting_goes_on_after_the_descriptors_ran_out),
		TEST(stopped_server_finishes_what_is_under_way),
		TEST(destroyed_server_detaches_its_sessions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
