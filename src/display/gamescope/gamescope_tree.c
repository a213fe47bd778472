#include "display/gamescope/gamescope_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAUSE_MIN_US 500000u
#define PAUSE_MAX_US 10000000u
#define FAILURES_MAX 3
#define PATIENCE_US 10000000u
/* One that was there for so long did not fail at its start. */
#define STEADY_US 30000000u

struct gamescope_tree {
	sd_event *event;
	struct isolation *isolation;
	char name[ISOLATED_NAME_MAX];
	struct gamescope_tree_events events;
	void *data;
	struct isolated_tree *tree; /* NULL: during a pause */
	sd_event_source *again;
	uint64_t pause_us, made_at_us, ready_at_us; /* ready_at_us 0: it was not ready yet */
	unsigned failures; /* to come up, in a row */
};

static uint64_t now_us(const struct gamescope_tree *tree)
{
	uint64_t now = 0;
	sd_event_now(tree->event, CLOCK_MONOTONIC, &now);
	return now;
}

static void make_again_later(struct gamescope_tree *tree)
{
	if (tree->ready_at_us && now_us(tree) - tree->ready_at_us > STEADY_US)
		tree->pause_us = PAUSE_MIN_US;
	sd_event_source_set_time_relative(tree->again, tree->pause_us);
	sd_event_source_set_enabled(tree->again, SD_EVENT_ONESHOT);
	tree->pause_us *= 2;
	if (tree->pause_us > PAUSE_MAX_US)
		tree->pause_us = PAUSE_MAX_US;
}

bool gamescope_tree_is_failing(const struct gamescope_tree *tree)
{
	return tree->failures >= FAILURES_MAX;
}

void gamescope_tree_renew(struct gamescope_tree *tree)
{
	if (!tree->tree)
		return; /* it is being made */
	isolated_tree_end(tree->tree);
	tree->tree = NULL;
	make_again_later(tree);
}

static void on_ready(void *data, const struct isolated_tree_info *info)
{
	struct gamescope_tree *tree = data;
	tree->ready_at_us = now_us(tree);
	tree->failures = 0;
	tree->events.ready(tree->data, tree->tree, info);
}

static void on_ended(void *data, const char *text)
{
	struct gamescope_tree *tree = data;
	char said[192];
	snprintf(said, sizeof said, "%s", text); /* the text is the tree's */
	fprintf(stderr, "lodged: %s: its tree has ended: %s; it is made again\n", tree->name, said);
	if (!tree->ready_at_us)
		tree->failures += now_us(tree) - tree->made_at_us > PATIENCE_US ? FAILURES_MAX : 1;
	tree->events.ended(tree->data, said);
	isolated_tree_end(tree->tree);
	tree->tree = NULL;
	make_again_later(tree);
}

static void on_sound_changed(void *data, bool up, const char *text)
{
	const struct gamescope_tree *tree = data;
	/* The picture comes over the same PipeWire: gamescope's own connection breaks with it. */
	fprintf(stderr, "lodged: %s: its sound is %s: %s\n", tree->name, up ? "back" : "gone",
		text);
}

static const struct isolated_tree_events tree_events = {
	.ready = on_ready,
	.ended = on_ended,
	.sound_changed = on_sound_changed,
};

/* 0 or a negative errno. */
static int make(struct gamescope_tree *tree)
{
	tree->made_at_us = now_us(tree);
	tree->ready_at_us = 0;
	tree->tree = isolated_tree_spawn(tree->isolation,
		&(struct isolated_tree_params){ .name = tree->name, .sound = true }, &tree_events,
		tree);
	return tree->tree ? 0 : -errno;
}

static int adopt_kept(struct gamescope_tree *tree)
{
	tree->tree = isolated_tree_adopt(tree->isolation, tree->name, &tree_events, tree);
	return tree->tree ? 0 : -errno;
}

static int on_again(sd_event_source *source, uint64_t usec, void *data)
{
	struct gamescope_tree *tree = data;
	const int error = make(tree);
	if (error == 0)
		return 0;
	char text[128];
	tree->failures++;
	snprintf(text, sizeof text, "its tree cannot be made: %s", strerror(-error));
	tree->events.ended(tree->data, text);
	make_again_later(tree);
	return 0;
}

struct gamescope_tree *gamescope_tree_create(sd_event *event, struct isolation *isolation,
	const char *name, bool adopt, const struct gamescope_tree_events *events, void *data)
{
	struct gamescope_tree *tree = calloc(1, sizeof *tree);
	if (!tree)
		return NULL;
	tree->event = sd_event_ref(event);
	tree->isolation = isolation;
	snprintf(tree->name, sizeof tree->name, "%s", name);
	tree->events = *events;
	tree->data = data;
	tree->pause_us = PAUSE_MIN_US;
	int error = sd_event_add_time(
		event, &tree->again, CLOCK_MONOTONIC, UINT64_MAX, 1000, on_again, tree);
	if (error >= 0)
		error = sd_event_source_set_enabled(tree->again, SD_EVENT_OFF);
	if (error >= 0)
		error = adopt ? adopt_kept(tree) : make(tree);
	if (error >= 0)
		return tree;
	gamescope_tree_destroy(tree);
	errno = -error;
	return NULL;
}

void gamescope_tree_destroy(struct gamescope_tree *tree)
{
	if (!tree)
		return;
	if (tree->tree)
		isolated_tree_end(tree->tree);
	sd_event_source_disable_unref(tree->again);
	sd_event_unref(tree->event);
	free(tree);
}
