#include "audio/patch.h"

#include <errno.h>
#include <spa/param/audio/format-utils.h>
#include <spa/param/buffers.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/connection.h"
#include "audio/graph.h"
#include "audio/link_list.h"
#include "media/clock.h"

/* How long the node may be missing, and how long until it is linked. */
#define LINKED_DEADLINE_NS 5000000000u
#define SETTLE_NS 150000000u
/* Ports may go while their link is made, and somebody may cut a link that we make again; not for ever. */
#define LINKS_LOST_MAX 100

struct audio_patch {
	struct audio_patch_params params;
	const struct audio_patch_impl *impl;
	void *data;
	struct audio_connection *connection;

	/* loop thread */
	struct pw_stream *stream;
	struct spa_hook stream_hook;
	uint32_t channels;
	uint64_t target; /* serial of the node that the stream belongs to */
	struct link_list links;
	bool linked;
	uint64_t settled_ns;
};

static const char *kind_name(const struct audio_patch *patch)
{
	return patch->params.kind == PATCH_LISTEN ? "sink" : "source";
}

static const struct graph_object *find_target(const struct audio_patch *patch)
{
	const struct graph *graph = audio_connection_graph(patch->connection);
	const bool listen = patch->params.kind == PATCH_LISTEN;
	const char *name = patch->params.place.node;
	if (!name[0])
		name = listen ? graph->default_sink : graph->default_source;
	return name[0] ? graph_find_node(graph, listen ? GRAPH_SINK : GRAPH_SOURCE, name) : NULL;
}

/* The target's port that we have to do with: of a sink its monitor's, of a source where sound goes in. */
static const struct graph_object *next_target_port(const struct audio_patch *patch,
	const struct graph_object *target, const struct graph_object *after)
{
	const struct graph *graph = audio_connection_graph(patch->connection);
	const bool listen = patch->params.kind == PATCH_LISTEN;
	do {
		after = graph_next_port(graph, target->id, listen, after);
	} while (after && after->port.monitor != listen);
	return after;
}

static bool is_one_of(const char *channel, const char *const *names)
{
	for (; *names; names++) {
		if (strcmp(channel, *names) == 0)
			return true;
	}
	return false;
}

/* 0: the target has no ports yet. */
static uint32_t channels_for(const struct audio_patch *patch, const struct graph_object *target)
{
	static const char *const around[] = { "FC", "LFE", "RL", "RR", "SL", "SR", NULL };
	const struct graph_object *port = next_target_port(patch, target, NULL);
	if (!port)
		return 0;
	if (patch->params.kind == PATCH_FEED)
		return 1;
	for (; port; port = next_target_port(patch, target, port)) {
		if (is_one_of(port->port.channel, around))
			return 6;
	}
	return 2;
}

/* Does what the sink's channel plays belong into ours? */
static bool belongs(const struct audio_patch *patch, const char *theirs, const char *ours)
{
	static const char *const pairs[][2] = { { "MONO", "FL" }, { "MONO", "FR" }, { "SL", "RL" },
		{ "SR", "RR" }, { "AUX0", "FL" }, { "AUX1", "FR" } };
	if (patch->params.kind == PATCH_FEED || strcmp(theirs, ours) == 0)
		return true;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		if (strcmp(theirs, pairs[i][0]) == 0 && strcmp(ours, pairs[i][1]) == 0)
			return true;
	}
	return false;
}

/* True once each of the target's ports that we can use is linked to each of ours that it belongs into. */
static bool link_ports(struct audio_patch *patch, const struct graph_object *target)
{
	const struct graph *graph = audio_connection_graph(patch->connection);
	const uint32_t node = pw_stream_get_node_id(patch->stream);
	const bool listen = patch->params.kind == PATCH_LISTEN;
	const struct graph_object *ours, *theirs;
	uint32_t our_ports = 0, links = 0;
	if (node == SPA_ID_INVALID)
		return false;
	for (ours = graph_next_port(graph, node, !listen, NULL); ours;
		ours = graph_next_port(graph, node, !listen, ours)) {
		if (ours->port.monitor)
			continue;
		our_ports++;
		for (theirs = next_target_port(patch, target, NULL); theirs;
			theirs = next_target_port(patch, target, theirs)) {
			if (!belongs(patch, theirs->port.channel, ours->port.channel))
				continue;
			if (!link_list_make(&patch->links, patch->connection,
				    listen ? theirs->id : ours->id, listen ? ours->id : theirs->id))
				return false;
			links++;
		}
	}
	return our_ports == patch->channels && links > 0 &&
		graph_has_link(graph, listen ? target->id : node, listen ? node : target->id);
}

static void drop_stream(struct audio_patch *patch)
{
	link_list_drop_all(&patch->links);
	if (!patch->stream)
		return;
	spa_hook_remove(&patch->stream_hook);
	pw_stream_destroy(patch->stream);
	patch->stream = NULL;
	patch->linked = false;
}

/*
 * Ids are soon used again, so a link may have been made from a port that became another node's meanwhile: nothing is listened
 * to before the registry has told of links, and of none but the wanted.
 */
static void on_process(void *data)
{
	struct audio_patch *patch = data;
	struct pw_buffer *buffer;
	if (patch->params.kind == PATCH_FEED || patch->linked) {
		patch->impl->process(patch->data, patch->stream);
		return;
	}
	while ((buffer = pw_stream_dequeue_buffer(patch->stream)))
		pw_stream_queue_buffer(patch->stream, buffer);
}

static void on_state_changed(
	void *data, enum pw_stream_state before, enum pw_stream_state state, const char *error)
{
	struct audio_patch *patch = data;
	if (state == PW_STREAM_STATE_ERROR)
		audio_connection_fail(patch->connection, "PipeWire at %s ends %s: %s",
			patch->params.place.pipewire_socket, patch->params.name,
			error ? error : "no reason told");
	else if (state == PW_STREAM_STATE_PAUSED)
		audio_connection_look_again(patch->connection, 0); /* our node has its id now */
}

static const struct pw_stream_events stream_events = {
	PW_VERSION_STREAM_EVENTS,
	.state_changed = on_state_changed,
	.process = on_process,
};

static struct pw_properties *stream_properties(const struct audio_patch *patch)
{
	const bool listen = patch->params.kind == PATCH_LISTEN;
	struct pw_properties *properties = pw_properties_new(PW_KEY_MEDIA_TYPE, "Audio",
		PW_KEY_MEDIA_CATEGORY, listen ? "Capture" : "Playback", PW_KEY_MEDIA_ROLE,
		"Communication", PW_KEY_NODE_NAME, patch->params.name, PW_KEY_APP_NAME, "Lodge",
		"node.dont-reconnect", "true", "node.dont-move", "true", "state.restore-props",
		"false", "state.restore-target", "false", NULL);
	if (!properties)
		return NULL;
	/* The session manager shows the stream, and leaves its links to us. */
	pw_properties_set(properties, PW_KEY_NODE_AUTOCONNECT, "false");
	if (listen)
		pw_properties_set(properties, PW_KEY_STREAM_CAPTURE_SINK, "true");
	pw_properties_setf(
		properties, PW_KEY_NODE_LATENCY, "%u/%u", patch->params.quantum, AUDIO_RATE);
	return properties;
}

static bool connect_stream(struct audio_patch *patch)
{
	uint8_t bytes[1024];
	struct spa_pod_builder builder;
	struct spa_audio_info_raw info = {
		.format = SPA_AUDIO_FORMAT_F32,
		.rate = AUDIO_RATE,
		.channels = patch->channels,
		.position = { SPA_AUDIO_CHANNEL_FL, SPA_AUDIO_CHANNEL_FR, SPA_AUDIO_CHANNEL_FC,
			SPA_AUDIO_CHANNEL_LFE, SPA_AUDIO_CHANNEL_RL, SPA_AUDIO_CHANNEL_RR },
	};
	const bool listen = patch->params.kind == PATCH_LISTEN;
	spa_pod_builder_init(&builder, bytes, sizeof bytes);
	if (patch->channels == 1)
		info.position[0] = SPA_AUDIO_CHANNEL_MONO;
	const struct spa_pod *wishes[2] = {
		spa_format_audio_raw_build(&builder, SPA_PARAM_EnumFormat, &info),
		/* Whoever listens may be late by so many quanta, and loses nothing. */
		spa_pod_builder_add_object(&builder, SPA_TYPE_OBJECT_ParamBuffers,
			SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
			SPA_POD_CHOICE_RANGE_Int(16, 8, 32)),
	};
	/*
	 * What listens leaves PipeWire's data thread at once, so that encoding never holds up the desktop's sound. What feeds
	 * works in it: the samples are wanted now.
	 */
	const enum pw_stream_flags flags =
		PW_STREAM_FLAG_MAP_BUFFERS | (listen ? 0 : PW_STREAM_FLAG_RT_PROCESS);
	return pw_stream_connect(patch->stream, listen ? PW_DIRECTION_INPUT : PW_DIRECTION_OUTPUT,
		       PW_ID_ANY, flags, wishes, listen ? 2 : 1) >= 0;
}

static void make_stream(struct audio_patch *patch, const struct graph_object *target)
{
	patch->channels = channels_for(patch, target);
	if (patch->channels == 0)
		return;
	patch->target = target->serial;
	patch->impl->begin(patch->data, patch->channels);
	patch->stream = pw_stream_new(audio_connection_core(patch->connection), patch->params.name,
		stream_properties(patch));
	if (patch->stream) {
		pw_stream_add_listener(patch->stream, &patch->stream_hook, &stream_events, patch);
		if (connect_stream(patch))
			return;
	}
	audio_connection_fail(patch->connection, "PipeWire at %s makes no stream: %s",
		patch->params.place.pipewire_socket, strerror(errno));
}

/* A link that we did not make would bring in what was not asked for. */
static bool is_sound_foreign(const struct audio_patch *patch, const struct graph_object *target)
{
	const uint32_t node = pw_stream_get_node_id(patch->stream);
	return patch->params.kind == PATCH_LISTEN && node != SPA_ID_INVALID &&
		graph_has_foreign_link(audio_connection_graph(patch->connection), target->id, node);
}

static void set_linked(struct audio_patch *patch, bool linked)
{
	if (linked)
		audio_connection_set_deadline(patch->connection, 0);
	else if (patch->linked)
		audio_connection_set_deadline(
			patch->connection, clock_now_ns() + LINKED_DEADLINE_NS);
	patch->linked = linked;
}

/* The node is gone, or no longer the default one. */
static void leave_target(struct audio_patch *patch)
{
	set_linked(patch, false);
	drop_stream(patch);
	if (patch->params.place.node[0])
		audio_connection_fail(patch->connection, "the %s %s at %s is gone",
			kind_name(patch), patch->params.place.node,
			patch->params.place.pipewire_socket);
}

/*
 * With each who listens the graph's quantum goes down, and up again with the last one who leaves. Programs that play through
 * PipeWire 0.3.65 may fall silent when both happen at once, until it changes again: one in ten, when one stream follows
 * another. So a stream that may follow another waits first, but where the quantum is never above ours.
 */
static bool is_settled(struct audio_patch *patch)
{
	const uint32_t most = audio_connection_most_quantum(patch->connection);
	if (patch->params.kind == PATCH_FEED || (most != 0 && most <= patch->params.quantum) ||
		clock_now_ns() >= patch->settled_ns)
		return true;
	audio_connection_look_again(patch->connection, patch->settled_ns);
	return false;
}

/* Makes what is there what it should be. */
static void on_changed(void *data)
{
	struct audio_patch *patch = data;
	const struct graph_object *target = find_target(patch);
	if (patch->stream && (!target || target->serial != patch->target))
		leave_target(patch);
	if (audio_connection_has_failed(patch->connection) || !target)
		return;
	if (!patch->stream && !is_settled(patch))
		return;
	if (!patch->stream)
		make_stream(patch, target);
	if (!patch->stream)
		return;
	link_list_drop_dead(&patch->links, audio_connection_graph(patch->connection));
	if (is_sound_foreign(patch, target))
		audio_connection_fail(patch->connection,
			"somebody linked another sound to %s at %s", patch->params.name,
			patch->params.place.pipewire_socket);
	else if (patch->links.lost > LINKS_LOST_MAX)
		audio_connection_fail(patch->connection, "somebody keeps cutting %s at %s off",
			patch->params.name, patch->params.place.pipewire_socket);
	else
		set_linked(patch, link_ports(patch, target));
}

static void on_late(void *data)
{
	struct audio_patch *patch = data;
	const char *node = patch->params.place.node[0] ? patch->params.place.node : "(default)";
	const char *socket = patch->params.place.pipewire_socket;
	if (patch->stream)
		audio_connection_fail(patch->connection,
			"the %s %s at %s cannot be linked; does a session manager run?",
			kind_name(patch), node, socket);
	else
		audio_connection_fail(patch->connection, "there is no %s %s at %s",
			kind_name(patch), node, socket);
}

static void on_closing(void *data)
{
	drop_stream(data);
}

static void on_failed(void *data, const char *text)
{
	struct audio_patch *patch = data;
	patch->impl->failed(patch->data, text);
}

static const struct audio_connection_impl connection_impl = {
	.changed = on_changed,
	.late = on_late,
	.closing = on_closing,
	.failed = on_failed,
};

struct audio_patch *audio_patch_create(sd_event *event, const struct audio_patch_params *params,
	const struct audio_patch_impl *impl, void *data)
{
	struct audio_patch *patch = calloc(1, sizeof *patch);
	if (!patch)
		return NULL;
	patch->params = *params;
	patch->impl = impl;
	patch->data = data;
	patch->connection = audio_connection_create(
		event, params->place.pipewire_socket, &connection_impl, patch);
	patch->settled_ns = clock_now_ns() + SETTLE_NS;
	int error = patch->connection ? 0 : -errno;
	if (!error) {
		audio_connection_set_deadline(
			patch->connection, clock_now_ns() + LINKED_DEADLINE_NS);
		error = audio_connection_start(patch->connection);
	}
	if (error < 0) {
		audio_connection_destroy(patch->connection);
		free(patch);
		errno = -error;
		return NULL;
	}
	return patch;
}

void audio_patch_destroy(struct audio_patch *patch)
{
	if (!patch)
		return;
	audio_connection_destroy(patch->connection);
	free(patch);
}
