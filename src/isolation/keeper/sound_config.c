#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isolation/keeper/services.h"

/*
 * A sink and a standing source: a recorder stays on it whoever speaks into it, or nobody. And one quantum, the listeners',
 * whatever programs ask for: they may fall silent on PipeWire 0.3.65 when it changes twice at once.
 */
static const char pipewire[] = "context.properties = {\n"
			       "  default.clock.rate = 48000\n"
			       "  default.clock.quantum = 256\n"
			       "  default.clock.min-quantum = 256\n"
			       "  default.clock.max-quantum = 256\n"
			       "}\n"
			       "context.objects = [\n"
			       "  { factory = adapter args = {\n"
			       "      factory.name = support.null-audio-sink\n"
			       "      node.name = \"" SOUND_SINK "\"\n"
			       "      node.description = \"Speakers\"\n"
			       "      media.class = Audio/Sink\n"
			       "      object.linger = true\n"
			       "      audio.rate = 48000\n"
			       "      audio.position = [ FL FR ]\n"
			       "      monitor.channel-volumes = true\n"
			       "      monitor.passthrough = true\n"
			       "      node.suspend-on-idle = false\n"
			       "      priority.session = 2000\n"
			       "      priority.driver = 2000\n"
			       "  } }\n"
			       "  { factory = adapter args = {\n"
			       "      factory.name = support.null-audio-sink\n"
			       "      node.name = \"" SOUND_MICROPHONE "\"\n"
			       "      node.description = \"Microphone\"\n"
			       "      media.class = Audio/Source/Virtual\n"
			       "      object.linger = true\n"
			       "      audio.rate = 48000\n"
			       "      audio.position = [ MONO ]\n"
			       "      priority.session = 2000\n"
			       "  } }\n"
			       "]\n";

/* No hardware: it is the host user's. WirePlumber 0.4 reads Lua, 0.5 does not, and each passes over the other's file. */
static const char lua_main[] = "alsa_monitor.enabled = false\n"
			       "v4l2_monitor.enabled = false\n"
			       "libcamera_monitor.enabled = false\n";
static const char lua_bluetooth[] = "bluez_monitor.enabled = false\n";
static const char profile[] = "wireplumber.profiles = {\n"
			      "  main = {\n"
			      "    hardware.audio = disabled\n"
			      "    hardware.bluetooth = disabled\n"
			      "    hardware.video-capture = disabled\n"
			      "  }\n"
			      "}\n";

static const struct {
	const char *name, *text;
} files[] = {
	{ "config/pipewire/pipewire.conf.d/50-lodge.conf", pipewire },
	{ "config/wireplumber/main.lua.d/51-lodge.lua", lua_main },
	{ "config/wireplumber/bluetooth.lua.d/51-lodge.lua", lua_bluetooth },
	{ "config/wireplumber/wireplumber.conf.d/51-lodge.conf", profile },
};

static int write_file(const char *path, const char *text)
{
	const size_t size = strlen(text);
	const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return -errno;
	const ssize_t written = write(file, text, size);
	const int error = written < 0 ? -errno : (size_t)written < size ? -ENOSPC : 0;
	close(file);
	return error;
}

/* With the folders above it, from `root` on, which is there. */
static int write_below(const char *root, const char *name, const char *text)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", root, name);
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return write_file(path, text);
}

static int point_to(
	struct assignments *environment, const char *variable, const char *root, const char *name)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", root, name);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	return assignments_set(environment, variable, path);
}

int sound_config_write(const char *folder, struct assignments *environment)
{
	char root[SOURCE_PATH_MAX + 8];
	snprintf(root, sizeof root, "%.*s/sound", SOURCE_PATH_MAX, folder);
	int error = mkdir(root, 0700) < 0 ? -errno : 0;
	for (size_t i = 0; i < sizeof files / sizeof *files && error == 0; i++)
		error = write_below(root, files[i].name, files[i].text);
	if (error == 0)
		error = point_to(environment, "XDG_CONFIG_HOME", root, "config");
	if (error == 0)
		error = point_to(environment, "XDG_STATE_HOME", root, "state");
	return error == 0 ? point_to(environment, "XDG_CACHE_HOME", root, "cache") : error;
}
