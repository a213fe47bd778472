/*
 * lodge-sound-sink NAME: a sink of two channels that is there until this program is ended. For tests of sinks that go.
 */
#include <pipewire/pipewire.h>
#include <stdio.h>

static void on_error(void *data, uint32_t id, int sequence, int result, const char *text)
{
	fprintf(stderr, "lodge-sound-sink: %s\n", text);
	if (id == PW_ID_CORE)
		pw_main_loop_quit(data);
}

static const struct pw_core_events core_events = { PW_VERSION_CORE_EVENTS, .error = on_error };

int main(int argc, char **argv)
{
	struct spa_hook hook;
	if (argc != 2) {
		fprintf(stderr, "usage: lodge-sound-sink NAME\n");
		return 2;
	}
	pw_init(&argc, &argv);
	struct pw_main_loop *loop = pw_main_loop_new(NULL);
	struct pw_context *context = pw_context_new(pw_main_loop_get_loop(loop), NULL, 0);
	struct pw_core *core = pw_context_connect(context, NULL, 0);
	if (!core) {
		perror("lodge-sound-sink");
		return 1;
	}
	pw_core_add_listener(core, &hook, &core_events, loop);
	const struct spa_dict_item items[] = { { PW_KEY_FACTORY_NAME, "support.null-audio-sink" },
		{ PW_KEY_NODE_NAME, argv[1] }, { PW_KEY_MEDIA_CLASS, "Audio/Sink" },
		{ "audio.position", "FL,FR" }, { "audio.rate", "48000" },
		{ "monitor.passthrough", "true" }, { PW_KEY_PRIORITY_SESSION, "1" } };
	const struct spa_dict properties =
		SPA_DICT_INIT(items, (uint32_t)(sizeof items / sizeof *items));
	pw_core_create_object(
		core, "adapter", PW_TYPE_INTERFACE_Node, PW_VERSION_NODE, &properties, 0);
	pw_main_loop_run(loop);
	return 1; /* it is ended by a signal */
}
