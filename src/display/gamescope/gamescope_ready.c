#include "display/gamescope/gamescope_ready.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DISPLAY_NUMBER_DIGITS 5
#define VERSION_DIGITS 6
#define VERSION_MARK "gamescope version "

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_letter(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
		c == '_';
}

static size_t count_while(const char *bytes, size_t size, bool (*test)(char c))
{
	size_t count = 0;
	while (count < size && test(bytes[count]))
		count++;
	return count;
}

bool gamescope_ready_read(const char *bytes, size_t size, struct gamescope_ready *ready)
{
	if (size > 0 && bytes[size - 1] == '\n')
		size--;
	if (size > GAMESCOPE_READY_LINE_MAX || size == 0 || bytes[0] != ':')
		return false;
	const size_t digits = count_while(bytes + 1, size - 1, is_digit);
	if (digits == 0 || digits > DISPLAY_NUMBER_DIGITS || 1 + digits == size ||
		bytes[1 + digits] != ' ')
		return false;
	const char *name = bytes + 2 + digits;
	const size_t name_size = size - 2 - digits;
	if (name_size == 0 || name_size >= sizeof ready->wayland_name ||
		count_while(name, name_size, is_name_letter) != name_size)
		return false;
	memset(ready, 0, sizeof *ready);
	memcpy(ready->x_display, bytes, 1 + digits);
	memcpy(ready->wayland_name, name, name_size);
	return true;
}

bool gamescope_ready_eis_socket(
	const struct gamescope_ready *ready, const char *runtime_folder, char path[SOURCE_PATH_MAX])
{
	return snprintf(path, SOURCE_PATH_MAX, "%s/%s-ei", runtime_folder, ready->wayland_name) <
		SOURCE_PATH_MAX;
}

/* The number at the start; false when there is none. */
static bool take_number(const char **bytes, const char *end, unsigned *number)
{
	const size_t digits = count_while(*bytes, (size_t)(end - *bytes), is_digit);
	if (digits == 0 || digits > VERSION_DIGITS)
		return false;
	*number = 0;
	for (size_t i = 0; i < digits; i++)
		*number = *number * 10 + (unsigned)(*(*bytes)++ - '0');
	return true;
}

static bool take_dot(const char **bytes, const char *end)
{
	return *bytes < end && *(*bytes)++ == '.';
}

bool gamescope_version_read(const char *bytes, size_t size, struct gamescope_version *version)
{
	const char *place = memmem(bytes, size, VERSION_MARK, strlen(VERSION_MARK));
	const char *end = bytes + size;
	if (!place)
		return false;
	place += strlen(VERSION_MARK);
	*version = (struct gamescope_version){ 0 };
	if (!take_number(&place, end, &version->major) || !take_dot(&place, end) ||
		!take_number(&place, end, &version->minor))
		return false;
	/* A version of two numbers is one too. */
	if (take_dot(&place, end) && !take_number(&place, end, &version->patch))
		version->patch = 0;
	return true;
}

bool gamescope_version_is_usable(const struct gamescope_version *version)
{
	if (version->major != GAMESCOPE_OLDEST_MAJOR)
		return version->major > GAMESCOPE_OLDEST_MAJOR;
	return version->minor >= GAMESCOPE_OLDEST_MINOR;
}

int gamescope_version_judge(const char *bytes, size_t size, char *text, size_t capacity)
{
	struct gamescope_version version;
	if (!gamescope_version_read(bytes, size, &version)) {
		snprintf(text, capacity,
			"this gamescope does not tell its version, so it is taken for too old: "
			"3.16 or newer is needed");
		return -ENOTSUP;
	}
	const bool usable = gamescope_version_is_usable(&version);
	snprintf(text, capacity, "gamescope is %u.%u.%u%s", version.major, version.minor,
		version.patch, usable ? "" : ", which is too old: 3.16 or newer is needed");
	return usable ? 0 : -ENOTSUP;
}
