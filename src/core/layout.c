#include "core/layout.h"

/* Sums are formed in 64 bits: hostile hints and obstacles may lie anywhere in 32. */
struct point {
	int64_t x, y;
};

/* One call's work: what is placed and in which order the row goes. */
struct arrangement {
	const struct layout_display *displays;
	size_t count;
	const struct layout_rect *outside;
	size_t outside_count;
	struct layout_rect *rects;
	bool placed[LAYOUT_DISPLAYS_MAX];
	size_t order[LAYOUT_DISPLAYS_MAX]; /* indices, the row's order */
};

static uint32_t divide_up(uint32_t pixels, uint32_t percent)
{
	const uint64_t size = ((uint64_t)pixels * 100 + percent - 1) / percent;
	return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

void layout_size(const struct display_mode *mode, uint32_t *width, uint32_t *height)
{
	const uint32_t percent = mode->scale_percent ? mode->scale_percent : 100;
	*width = divide_up(mode->width_px, percent);
	*height = divide_up(mode->height_px, percent);
}

static int64_t right_of(const struct layout_rect *rect)
{
	return (int64_t)rect->x + rect->width;
}

static int64_t bottom_of(const struct layout_rect *rect)
{
	return (int64_t)rect->y + rect->height;
}

static bool is_empty(const struct layout_rect *rect)
{
	return rect->width == 0 || rect->height == 0;
}

bool layout_overlap(const struct layout_rect *a, const struct layout_rect *b)
{
	return !is_empty(a) && !is_empty(b) && a->x < right_of(b) && b->x < right_of(a) &&
		a->y < bottom_of(b) && b->y < bottom_of(a);
}

/* So that the far edge is still a coordinate. */
static int32_t saturate(int64_t at, uint32_t length)
{
	const int64_t most = (int64_t)INT32_MAX - length;
	if (at > most)
		return (int32_t)most;
	return at < INT32_MIN ? INT32_MIN : (int32_t)at;
}

static struct layout_rect rect_at(const struct layout_display *display, int64_t x, int64_t y)
{
	return (struct layout_rect){ saturate(x, display->width), saturate(y, display->height),
		display->width, display->height };
}

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* A total order of everything that can be told apart, so that the order of the input does not show. */
static int compare(const struct layout_display *a, const struct layout_display *b)
{
	if (a->acquired != b->acquired)
		return a->acquired < b->acquired ? -1 : 1;
	const int64_t differences[][2] = { { a->slot, b->slot }, { a->client, b->client },
		{ a->width, b->width }, { a->height, b->height }, { a->has_hint, b->has_hint },
		{ a->hint_x, b->hint_x }, { a->hint_y, b->hint_y } };
	for (size_t i = 0; i < sizeof differences / sizeof *differences; i++) {
		const int order = compare_numbers(differences[i][0], differences[i][1]);
		if (order != 0)
			return order;
	}
	return 0;
}

static int compare_slots(const struct layout_display *a, const struct layout_display *b)
{
	return a->slot != b->slot ? compare_numbers(a->slot, b->slot) : compare(a, b);
}

/* By insertion: few displays, mostly in order already. */
static void sort(struct arrangement *work,
	int (*order)(const struct layout_display *a, const struct layout_display *b))
{
	for (size_t i = 0; i < work->count; i++) {
		size_t at = i;
		for (; at > 0 &&
			order(&work->displays[i], &work->displays[work->order[at - 1]]) < 0;
			at--)
			work->order[at] = work->order[at - 1];
		work->order[at] = i;
	}
}

static bool lies_on_placed(const struct arrangement *work, const struct layout_rect *rect)
{
	for (size_t i = 0; i < work->outside_count; i++) {
		if (layout_overlap(rect, &work->outside[i]))
			return true;
	}
	for (size_t i = 0; i < work->count; i++) {
		if (work->placed[i] && layout_overlap(rect, &work->rects[i]))
			return true;
	}
	return false;
}

static const struct policy_position *find_pin(const struct display_policy *policy, uint32_t slot)
{
	for (uint32_t i = 0; slot > 0 && i < policy->position_count; i++) {
		if (policy->positions[i].slot == slot)
			return &policy->positions[i];
	}
	return NULL;
}

static void place_pinned(struct arrangement *work, const struct display_policy *policy)
{
	sort(work, compare_slots);
	for (size_t i = 0; i < work->count; i++) {
		const size_t index = work->order[i];
		const struct policy_position *pin = find_pin(policy, work->displays[index].slot);
		if (!pin)
			continue;
		const struct layout_rect rect = rect_at(&work->displays[index], pin->x, pin->y);
		if (lies_on_placed(work, &rect))
			continue;
		work->rects[index] = rect;
		work->placed[index] = true;
	}
}

/* Right of everything that has its place. */
static int64_t row_begin(const struct arrangement *work)
{
	int64_t begin = 0;
	bool found = false;
	for (size_t i = 0; i < work->outside_count; i++) {
		if (!is_empty(&work->outside[i]) &&
			(!found || right_of(&work->outside[i]) > begin)) {
			begin = right_of(&work->outside[i]);
			found = true;
		}
	}
	for (size_t i = 0; i < work->count; i++) {
		if (work->placed[i] && (!found || right_of(&work->rects[i]) > begin)) {
			begin = right_of(&work->rects[i]);
			found = true;
		}
	}
	return begin;
}

static bool joins_block(const struct layout_display *display, uint32_t client)
{
	return display->has_hint && display->client == client;
}

static bool in_reach(int64_t distance)
{
	return distance >= -LAYOUT_HINT_REACH_PX && distance <= LAYOUT_HINT_REACH_PX;
}

/* Whether the display's own hint can be kept: places it relative to the block's first display. */
static bool place_in_block(struct arrangement *work, size_t index,
	const struct layout_display *first, const size_t *members, size_t member_count)
{
	const struct layout_display *display = &work->displays[index];
	const struct point hint = { (int64_t)display->hint_x - first->hint_x,
		(int64_t)display->hint_y - first->hint_y };
	if (!in_reach(hint.x) || !in_reach(hint.y))
		return false;
	work->rects[index] = rect_at(display, hint.x, hint.y);
	for (size_t i = 0; i < member_count; i++) {
		if (layout_overlap(&work->rects[index], &work->rects[members[i]]))
			return false;
	}
	return true;
}

/* The block that the display at `from` in the row's order begins. Returns where the row goes on. */
static int64_t place_block(struct arrangement *work, size_t from, int64_t x)
{
	const struct layout_display *first = &work->displays[work->order[from]];
	size_t members[LAYOUT_DISPLAYS_MAX], count = 0;
	int64_t left = 0, top = 0, right = 0;
	for (size_t i = from; i < work->count; i++) {
		const size_t index = work->order[i];
		if (work->placed[index] || !joins_block(&work->displays[index], first->client) ||
			!place_in_block(work, index, first, members, count))
			continue;
		const struct layout_rect *rect = &work->rects[index];
		members[count++] = index;
		left = rect->x < left ? rect->x : left;
		top = rect->y < top ? rect->y : top;
		right = right_of(rect) > right ? right_of(rect) : right;
	}
	for (size_t i = 0; i < count; i++) {
		struct layout_rect *rect = &work->rects[members[i]];
		*rect = rect_at(&work->displays[members[i]], x + rect->x - left, rect->y - top);
		work->placed[members[i]] = true;
	}
	return x + right - left;
}

static void place_row(struct arrangement *work)
{
	uint32_t blocks[LAYOUT_DISPLAYS_MAX]; /* clients whose block is there */
	size_t block_count = 0;
	int64_t x = row_begin(work);
	sort(work, compare);
	for (size_t i = 0; i < work->count; i++) {
		const size_t index = work->order[i];
		const struct layout_display *display = &work->displays[index];
		bool begins_block = display->has_hint && display->client > 0;
		if (work->placed[index])
			continue;
		for (size_t j = 0; j < block_count; j++)
			begins_block = begins_block && blocks[j] != display->client;
		if (begins_block) {
			blocks[block_count++] = display->client;
			x = place_block(work, i, x);
		} else {
			work->rects[index] = rect_at(display, x, 0);
			work->placed[index] = true;
			x += display->width;
		}
	}
}

void layout_arrange(const struct display_policy *policy, const struct layout_display *displays,
	size_t count, const struct layout_rect *outside, size_t outside_count,
	struct layout_rect *rects)
{
	struct arrangement work = {
		.displays = displays,
		.count = count < LAYOUT_DISPLAYS_MAX ? count : LAYOUT_DISPLAYS_MAX,
		.outside = outside,
		.outside_count = outside_count,
		.rects = rects,
	};
	if (policy->layout == POLICY_LAYOUT_MANUAL)
		place_pinned(&work, policy);
	place_row(&work);
}

/* False when no display has the slot. */
static bool pinned_rect(const struct policy_position *position,
	const struct layout_display *displays, size_t count, struct layout_rect *rect)
{
	for (size_t i = 0; i < count; i++) {
		if (displays[i].slot == position->slot) {
			*rect = rect_at(&displays[i], position->x, position->y);
			return true;
		}
	}
	return false;
}

bool layout_find_overlap(const struct policy_position *positions, size_t count,
	const struct layout_display *displays, size_t display_count, uint32_t slots[2])
{
	struct layout_rect a, b;
	for (size_t i = 0; i < count; i++) {
		if (!pinned_rect(&positions[i], displays, display_count, &a))
			continue;
		for (size_t j = i + 1; j < count; j++) {
			if (pinned_rect(&positions[j], displays, display_count, &b) &&
				layout_overlap(&a, &b)) {
				slots[0] = positions[i].slot;
				slots[1] = positions[j].slot;
				return true;
			}
		}
	}
	return false;
}
