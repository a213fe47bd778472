#include "core/grants.h"

#include <errno.h>
#include <string.h>

static void end_term(struct grants *grants)
{
	grants->term = GRANTS_NO_TERM;
	grants->temporary = 0;
	grants->until_ns = 0;
}

static bool term_is_valid(const struct grants_change *change, uint64_t now_ns)
{
	switch (change->term) {
	case GRANTS_UNTIL:
		return change->until_ns > now_ns && change->until_ns != MOMENT_NEVER;
	case GRANTS_UNTIL_LEAVE:
		return change->until_ns > now_ns;
	case GRANTS_NO_TERM:
		break;
	}
	return false;
}

int grants_apply(struct grants *grants, const struct grants_change *change, bool by_operator,
	uint64_t now_ns)
{
	if (!by_operator)
		return -EPERM;
	if (change->planes & ~GRANTS_ALL)
		return -EINVAL;
	switch (change->type) {
	case GRANTS_SET:
		grants->lasting = change->planes;
		end_term(grants);
		return 0;
	case GRANTS_WIDEN:
		grants->lasting |= change->planes;
		grants->temporary |= change->planes;
		return 0;
	case GRANTS_NARROW:
		grants->lasting &= ~change->planes;
		grants->temporary &= ~change->planes;
		return 0;
	case GRANTS_SET_TEMPORARY:
		if (!term_is_valid(change, now_ns))
			return -EINVAL;
		grants->temporary = change->planes;
		grants->term = change->term;
		grants->until_ns = change->until_ns;
		return 0;
	case GRANTS_END_TERM:
		end_term(grants);
		return 0;
	}
	return -EINVAL;
}

uint32_t grants_settle(struct grants *grants, uint64_t now_ns)
{
	if (grants->term == GRANTS_NO_TERM || grants_is_temporary(grants, now_ns))
		return 0;
	const uint32_t lost = grants->temporary & ~grants->lasting;
	end_term(grants);
	return lost;
}

void grants_leave(struct grants *grants)
{
	if (grants->term == GRANTS_UNTIL_LEAVE)
		end_term(grants);
}

uint64_t grants_next_deadline_ns(const struct grants *grants)
{
	return grants->term == GRANTS_NO_TERM ? MOMENT_NEVER : grants->until_ns;
}

uint32_t grants_preset_planes(enum grants_preset preset)
{
	switch (preset) {
	case GRANTS_FULL:
		return GRANTS_ALL;
	case GRANTS_CONTROLLER:
		return 1u << GRANT_GAMEPAD;
	case GRANTS_VIEW:
	case GRANTS_CUSTOM:
		break;
	}
	return 0;
}

enum grants_preset grants_preset_of(uint32_t planes)
{
	for (int preset = GRANTS_FULL; preset < GRANTS_CUSTOM; preset++) {
		if (planes == grants_preset_planes((enum grants_preset)preset))
			return (enum grants_preset)preset;
	}
	return GRANTS_CUSTOM;
}

static const char *const plane_names[GRANT_PLANES] = {
	"pointer",
	"keyboard",
	"gamepad",
	"clipboard",
	"microphone",
	"launch",
};
static const char *const preset_names[] = { "full", "controller", "view", "custom" };

const char *grant_plane_name(enum grant_plane plane)
{
	return plane < GRANT_PLANES ? plane_names[plane] : "unknown";
}

const char *grants_preset_name(enum grants_preset preset)
{
	return preset <= GRANTS_CUSTOM ? preset_names[preset] : "unknown";
}

/* The index of the word, or `count`. */
static size_t find_word(const char *const *words, size_t count, const char *word)
{
	size_t i = 0;
	while (i < count && strcmp(words[i], word) != 0)
		i++;
	return i;
}

bool grant_plane_parse(const char *word, enum grant_plane *plane)
{
	const size_t found = find_word(plane_names, GRANT_PLANES, word);
	if (found == GRANT_PLANES)
		return false;
	*plane = (enum grant_plane)found;
	return true;
}

bool grants_preset_parse(const char *word, enum grants_preset *preset)
{
	const size_t count = sizeof preset_names / sizeof *preset_names;
	const size_t found = find_word(preset_names, count, word);
	if (found == count)
		return false;
	*preset = (enum grants_preset)found;
	return true;
}
