#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/gamescope/gamescope_find.h"
#include "display/gamescope/gamescope_ready.h"
#include "fuzz.h"

/* A display is ":" and at most five digits. */
static void judge_display(const char *display)
{
	const size_t digits = strspn(display + 1, "0123456789");
	FUZZ_ASSERT(display[0] == ':' && digits >= 1 && digits <= 5 && display[1 + digits] == '\0');
}

static void read_ready(const char *bytes, size_t size)
{
	struct gamescope_ready ready, again;
	char path[SOURCE_PATH_MAX], line[GAMESCOPE_READY_LINE_MAX];
	if (!gamescope_ready_read(bytes, size, &ready))
		return;
	judge_display(ready.x_display);
	/* It stays in its folder, and written again it is the same. */
	FUZZ_ASSERT(gamescope_ready_eis_socket(&ready, "/r", path));
	FUZZ_ASSERT(strncmp(path, "/r/", 3) == 0 && !strchr(path + 3, '/') && path[3] != '.');
	const int length =
		snprintf(line, sizeof line, "%s %s\n", ready.x_display, ready.wayland_name);
	FUZZ_ASSERT(gamescope_ready_read(line, (size_t)length, &again));
	FUZZ_ASSERT(memcmp(&ready, &again, sizeof ready) == 0);
}

static void read_version(const char *bytes, size_t size)
{
	struct gamescope_version version;
	if (!gamescope_version_read(bytes, size, &version))
		return;
	FUZZ_ASSERT(version.major < 1000000 && version.minor < 1000000 && version.patch < 1000000);
	FUZZ_ASSERT(!gamescope_version_is_usable(&version) || version.major >= 3);
}

static void read_environment(const char *bytes, size_t size)
{
	char display[16] = "";
	if (gamescope_find_in_environment(bytes, size, "/r", "gamescope-0", display))
		judge_display(display);
}

/* Each of the readers of what gamescope and its programs say gets the same bytes, without anything behind them. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *copy = malloc(size ? size : 1);
	FUZZ_ASSERT(copy);
	memcpy(copy, bytes, size);
	read_ready(copy, size);
	read_version(copy, size);
	read_environment(copy, size);
	free(copy);
	return 0;
}
