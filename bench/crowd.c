/*
 * crowd: many sessions on one display, from one thread. The first may point a thousand times a second; all count what
 * they are sent. What it does is said on stdin, a line each; each line is answered with one of JSON:
 *
 *   rate HZ   the first session points so often from now on; 0: it rests
 *   mark      what happened since the last mark
 *   quit
 */
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "lodge_client.h"

#define SESSIONS_MAX 1000
#define READY_NS (60 * UINT64_C(1000000000))
#define SECOND_NS UINT64_C(1000000000)

struct member {
	struct crowd *crowd;
	struct lodge_identity *identity;
	struct lodge_client *client;
	uint64_t bytes_before;
	bool opened, ended;
};

struct crowd {
	const char *url, *keys;
	uint32_t count, opened;
	struct member *members;
	uint64_t period_ns, next_ns; /* of pointing; 0: none */
	uint64_t events, messages, frames, people, pointers; /* since the last mark */
	bool quit, failed;
	char line[64];
	size_t line_size;
};

static void open_display(struct member *member)
{
	lodge_client_send(member->client,
		&(struct wire_message){
			.type = WIRE_OPEN_DISPLAY, .mode = { 1280, 720, 60000, 100 } });
}

static void on_message(void *data, const struct wire_message *message)
{
	struct member *member = data;
	struct crowd *crowd = member->crowd;
	crowd->messages++;
	switch (message->type) {
	case WIRE_WELCOME:
		open_display(member);
		break;
	case WIRE_DISPLAY_OPENED:
		crowd->opened += !member->opened;
		member->opened = true;
		break;
	case WIRE_DISPLAY_DECLINED:
		fprintf(stderr, "crowd: declined: %.*s\n", (int)message->declined.text.size,
			message->declined.text.bytes);
		crowd->failed = true;
		break;
	case WIRE_PERSON:
		crowd->people++;
		break;
	case WIRE_POINTER:
		crowd->pointers++;
		break;
	default:
		break;
	}
}

static void on_frame(void *data, const struct wire_frame *frame, size_t bytes)
{
	struct member *member = data;
	member->crowd->frames++;
	lodge_client_send(member->client,
		&(struct wire_message){
			.type = WIRE_ACKNOWLEDGE, .acknowledged = frame->header.sequence });
}

static void on_ended(void *data, enum lodge_client_end end, uint16_t code, const char *text)
{
	struct member *member = data;
	fprintf(stderr, "crowd: a session ended: %s\n", text);
	member->ended = true;
	member->crowd->failed = true;
}

static bool join(struct crowd *crowd, uint32_t index)
{
	static const struct lodge_client_events events = { on_message, on_frame, on_ended };
	struct member *member = &crowd->members[index];
	char path[512], label[16], fault[256] = "";
	snprintf(path, sizeof path, "%s/crowd-%u.pem", crowd->keys, index);
	snprintf(label, sizeof label, "crowd %u", index);
	member->crowd = crowd;
	member->identity = lodge_identity_open(path, fault, sizeof fault);
	if (member->identity)
		member->client = lodge_client_create(
			&(struct lodge_client_params){
				.url = crowd->url,
				.identity = member->identity,
				.label = label,
				.trust = { .kind = LODGE_TRUST_ANY },
			},
			&events, member, measure_now_ns(), fault, sizeof fault);
	if (!member->client)
		fprintf(stderr, "crowd: %s\n", fault);
	return member->client;
}

static uint64_t received(const struct member *member)
{
	struct lodge_client_stats stats;
	lodge_client_get_stats(member->client, &stats);
	return stats.received_bytes;
}

static void mark(struct crowd *crowd)
{
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < crowd->count; i++) {
		const uint64_t now = received(&crowd->members[i]);
		bytes += now - crowd->members[i].bytes_before;
		crowd->members[i].bytes_before = now;
	}
	printf("{\"sessions\":%u,\"events\":%llu,\"bytes\":%llu,\"messages\":%llu,\"frames\":%llu,"
	       "\"people\":%llu,"
	       "\"pointers\":%llu}\n",
		crowd->opened, (unsigned long long)crowd->events, (unsigned long long)bytes,
		(unsigned long long)crowd->messages, (unsigned long long)crowd->frames,
		(unsigned long long)crowd->people, (unsigned long long)crowd->pointers);
	crowd->events = crowd->messages = crowd->frames = crowd->people = crowd->pointers = 0;
}

static void obey(struct crowd *crowd, const char *line)
{
	unsigned rate;
	if (sscanf(line, "rate %u", &rate) == 1) {
		crowd->period_ns = rate ? SECOND_NS / rate : 0;
		crowd->next_ns = measure_now_ns();
		puts("{}");
	} else if (strcmp(line, "mark") == 0) {
		mark(crowd);
	} else {
		crowd->quit = true;
	}
	fflush(stdout);
}

static void read_orders(struct crowd *crowd)
{
	const ssize_t size = read(STDIN_FILENO, crowd->line + crowd->line_size,
		sizeof crowd->line - 1 - crowd->line_size);
	char *end;
	if (size <= 0) {
		crowd->quit = true;
		return;
	}
	crowd->line_size += (size_t)size;
	crowd->line[crowd->line_size] = '\0';
	while ((end = strchr(crowd->line, '\n'))) {
		*end = '\0';
		obey(crowd, crowd->line);
		crowd->line_size -= (size_t)(end + 1 - crowd->line);
		memmove(crowd->line, end + 1, crowd->line_size + 1);
	}
}

/* Late ones are sent all the same: the rate is kept, not the distance. */
static void point(struct crowd *crowd, uint64_t now)
{
	while (crowd->period_ns && crowd->next_ns <= now) {
		const uint16_t x = (uint16_t)(100 + crowd->events % 1000);
		lodge_client_send(crowd->members[0].client,
			&(struct wire_message){
				.type = WIRE_POINTER_ABSOLUTE, .absolute = { x, 300 } });
		crowd->events++;
		crowd->next_ns += crowd->period_ns;
	}
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void turn(struct crowd *crowd, struct pollfd *fds)
{
	uint64_t due_ns = crowd->period_ns ? crowd->next_ns : UINT64_MAX;
	for (uint32_t i = 0; i < crowd->count; i++) {
		const struct lodge_client *client = crowd->members[i].client;
		fds[i] = (struct pollfd){
			.fd = client ? lodge_client_fd(client) : -1,
			.events = (short)(POLLIN |
				(client && lodge_client_wants_write(client) ? POLLOUT : 0)),
		};
		if (client)
			due_ns = earliest(due_ns, lodge_client_deadline_ns(client));
	}
	fds[crowd->count] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	const uint64_t before = measure_now_ns();
	const uint64_t left_ns = earliest(due_ns > before ? due_ns - before : 0, SECOND_NS);
	const struct timespec timeout = { (time_t)(left_ns / SECOND_NS),
		(long)(left_ns % SECOND_NS) };
	ppoll(fds, crowd->count + 1, &timeout, NULL);
	const uint64_t now = measure_now_ns();
	for (uint32_t i = 0; i < crowd->count; i++) {
		struct member *member = &crowd->members[i];
		if (member->client && !member->ended &&
			(fds[i].revents || lodge_client_deadline_ns(member->client) <= now))
			lodge_client_process(member->client, now);
	}
	point(crowd, now);
	if (fds[crowd->count].revents)
		read_orders(crowd);
}

/* One after the other: the first one's display is what the others join. */
static bool gather(struct crowd *crowd, struct pollfd *fds)
{
	const uint64_t deadline_ns = measure_now_ns() + READY_NS;
	const uint32_t wanted = crowd->count;
	for (crowd->count = 1; crowd->count <= wanted; crowd->count++) {
		if (!join(crowd, crowd->count - 1))
			return false;
		while (crowd->opened < crowd->count && !crowd->failed &&
			measure_now_ns() < deadline_ns)
			turn(crowd, fds);
		if (crowd->opened < crowd->count) {
			fprintf(stderr, "crowd: only %u of %u sessions came to the display\n",
				crowd->opened, wanted);
			return false;
		}
	}
	crowd->count = wanted;
	return true;
}

int main(int argc, char **argv)
{
	struct crowd crowd = { .count = 1 };
	int option;
	while ((option = getopt(argc, argv, "u:k:n:")) != -1) {
		if (option == 'u')
			crowd.url = optarg;
		else if (option == 'k')
			crowd.keys = optarg;
		else if (option == 'n')
			crowd.count = (uint32_t)strtoul(optarg, NULL, 10);
	}
	if (!crowd.url || !crowd.keys || crowd.count == 0 || crowd.count > SESSIONS_MAX) {
		fprintf(stderr, "usage: crowd -u URL -k FOLDER [-n SESSIONS]\n");
		return 2;
	}
	crowd.members = calloc(crowd.count, sizeof *crowd.members);
	struct pollfd *fds = calloc(crowd.count + 1, sizeof *fds);
	if (!crowd.members || !fds || !gather(&crowd, fds))
		return 1;
	mark(&crowd);
	fflush(stdout);
	while (!crowd.quit && !crowd.failed)
		turn(&crowd, fds);
	for (uint32_t i = 0; i < crowd.count; i++)
		lodge_client_destroy(crowd.members[i].client);
	for (uint32_t i = 0; i < crowd.count; i++)
		lodge_identity_destroy(crowd.members[i].identity);
	free(crowd.members);
	free(fds);
	return crowd.failed;
}
