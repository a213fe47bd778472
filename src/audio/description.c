#include <opus/opus.h>
#include <pipewire/pipewire.h>
#include <stdio.h>
#include <string.h>

#include "audio/audio.h"

#define TEXT_MAX 64

/* Written once for each thread that asks: libopus calls itself "libopus 1.3.1". */
const char *audio_description(void)
{
	static _Thread_local char text[TEXT_MAX];
	const char *opus = opus_get_version_string();
	const char *space = strchr(opus, ' ');
	snprintf(text, sizeof text, "opus %s, pipewire %s", space ? space + 1 : opus,
		pw_get_library_version());
	return text;
}
