/* Displays that outlive their host: what the next one must know of them, and how it takes them up. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "display/registry_internal.h"

static struct display_adoption describe(const struct managed_display *display)
{
	struct display_adoption adoption = {
		.key = display->key,
		.has_hint = display->has_hint,
		.hint_x = display->hint_x,
		.hint_y = display->hint_y,
		.mode = display->info.mode,
	};
	memcpy(adoption.identity, display->identity, sizeof adoption.identity);
	memcpy(adoption.label, display->label, sizeof adoption.label);
	memcpy(adoption.output, display->info.name, sizeof adoption.output);
	return adoption;
}

size_t display_registry_adoptable(
	const struct display_registry *registry, struct display_adoption *list, size_t capacity)
{
	const struct managed_display *display;
	size_t count = 0;
	if (!registry->backend->impl->adopt)
		return 0;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (count < capacity && display->output && !display->anonymous &&
			managed_display_stays(display))
			list[count++] = describe(display);
	}
	return count;
}

bool managed_display_is_adopted(const struct managed_display *display)
{
	return display->adopted_output[0];
}

struct keep_alive managed_display_adopted_keep(const struct managed_display *display)
{
	const uint64_t until_ns = display->adopted_until(display->adopted_data);
	const uint64_t now_ns = registry_now_ns();
	if (until_ns == UINT64_MAX)
		return (struct keep_alive){ KEEP_ALIVE_FOREVER, 0 };
	return (struct keep_alive){
		KEEP_ALIVE_DURATION,
		until_ns > now_ns ? until_ns - now_ns : 0,
	};
}

void managed_display_end_adoption(struct managed_display *display, const char *text)
{
	registry_log("display %u: its output %s cannot be taken over: %s", display->slot,
		display->adopted_output, text);
	display->adopted_output[0] = '\0';
}

void registry_end_adoptions(struct display_registry *registry, const char *text)
{
	struct managed_display *display = TAILQ_FIRST(&registry->displays);
	while (display) {
		struct managed_display *following = TAILQ_NEXT(display, link);
		if (managed_display_is_adopted(display) && !display->request) {
			managed_display_end_adoption(display, text);
			managed_display_drive(display);
		}
		display = following;
	}
}

static bool has_key(const struct display_registry *registry, const struct identity_key *key)
{
	const struct managed_display *display;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (!display->anonymous && identity_key_equal(&display->key, key))
			return true;
	}
	return false;
}

static int check(const struct display_registry *registry, const struct display_adoption *adoption)
{
	if (!registry->backend->impl->adopt)
		return -ENOTSUP;
	if (!adoption->output[0] || !identity_key_valid(adoption->key.text) ||
		display_mode_check(&adoption->mode))
		return -EINVAL;
	return has_key(registry, &adoption->key) ? -EEXIST : 0;
}

int display_registry_adopt(struct display_registry *registry,
	const struct display_adoption *adoption, uint64_t (*until)(void *data), void *data)
{
	struct display_request request = {
		.mode = adoption->mode,
		.has_hint = adoption->has_hint,
		.hint_x = adoption->hint_x,
		.hint_y = adoption->hint_y,
	};
	const int error = check(registry, adoption);
	if (error < 0)
		return error;
	memcpy(request.identity, adoption->identity, sizeof request.identity);
	snprintf(request.label, sizeof request.label, "%.*s", (int)sizeof adoption->label - 1,
		adoption->label);
	const uint32_t slot = slots_assign(registry, &adoption->key, NULL);
	if (slot == 0)
		return -EEXIST;
	struct managed_display *display =
		managed_display_create(registry, slot, &request, &adoption->key);
	if (!display)
		return -ENOMEM;
	snprintf(display->adopted_output, sizeof display->adopted_output, "%.*s",
		(int)sizeof adoption->output - 1, adoption->output);
	display->adopted_until = until;
	display->adopted_data = data;
	/* Nobody waits for it: what keep-alive began goes on when its output is there. */
	display->lifecycle.state = LIFECYCLE_CREATING;
	registry_log("display %u: output %s of an earlier host is taken over (%s)", slot,
		display->adopted_output, display->label);
	registry_note_change(registry);
	managed_display_drive(display);
	return 0;
}
