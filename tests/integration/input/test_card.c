#include "test_card.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_MS 20000

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static json_t *take_line(struct test_card *card)
{
	char *end = memchr(card->text, '\n', card->size);
	if (!end)
		return NULL;
	const size_t size = (size_t)(end - card->text) + 1;
	json_error_t error;
	json_t *event = json_loadb(card->text, size, 0, &error);
	if (!event)
		fprintf(stderr, "lodge-testcard says %.*s: %s\n", (int)size - 1, card->text,
			error.text);
	memmove(card->text, card->text + size, card->size - size);
	card->size -= size;
	return event;
}

json_t *test_card_next(struct test_card *card)
{
	const int64_t deadline = now_ms() + DEADLINE_MS;
	while (now_ms() < deadline) {
		json_t *event = take_line(card);
		if (event)
			return event;
		const ssize_t got =
			read(card->log, card->text + card->size, sizeof card->text - card->size);
		if (got > 0)
			card->size += (size_t)got;
		else if (got == 0)
			break;
		else
			sd_event_run(card->event, 2000);
	}
	fprintf(stderr, "no event came\n");
	return NULL;
}

json_t *test_card_await(struct test_card *card, const char *name)
{
	for (json_t *event; (event = test_card_next(card)); json_decref(event)) {
		const char *found = json_string_value(json_object_get(event, "event"));
		if (found && strcmp(found, name) == 0)
			return event;
	}
	fprintf(stderr, "waited for the event %s\n", name);
	return NULL;
}

static bool await_value(
	struct test_card *card, const char *name, const char *member, json_int_t value)
{
	for (json_t *event; (event = test_card_await(card, name));) {
		const json_t *found = json_object_get(event, member);
		const bool same = json_is_boolean(found) ? json_is_true(found) == value
							 : json_integer_value(found) == value;
		json_decref(event);
		if (same)
			return true;
	}
	return false;
}

bool test_card_start(struct test_card *card, sd_event *event, const struct headless_sway *sway,
	const char *program, const char *output, int width)
{
	char command[64];
	char *const words[] = { (char *)program, "type", "--log", "--fullscreen", NULL };
	int ends[2];
	*card = (struct test_card){ .event = event, .log = -1 };
	snprintf(command, sizeof command, "focus output %s", output);
	if (!headless_sway_command(sway, command) || pipe2(ends, O_CLOEXEC) < 0)
		return false;
	card->log = ends[0];
	fcntl(card->log, F_SETFL, O_NONBLOCK);
	card->pid = headless_sway_launch(sway, words, ends[1]);
	close(ends[1]);
	/* The focus may come before the first picture of the right size, or after it. */
	return card->pid > 0 && await_value(card, "shown", "width", width) &&
		headless_sway_await_focus(sway, "lodge-testcard");
}

void test_card_stop(struct test_card *card)
{
	headless_sway_end(card->pid, SIGTERM);
	if (card->log >= 0)
		close(card->log);
}
