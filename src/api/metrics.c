/* GET /metrics: Prometheus' text format, version 0.0.4. */
#include <stdio.h>
#include <stdlib.h>

#include "api/answer.h"
#include "api/counts.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/views.h"
#include "session/host.h"

#define STREAMS_MAX 64

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_label(FILE *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		if (*value == '\n')
			fputs("\\n", out);
		else
			fputc(*value, out);
	}
}

static void put_counts(FILE *out, const struct api_call *call, const struct api_counts *counts)
{
	const double uptime_s = (double)(call->now_ns - call->api->began_ns) / (double)API_NS_PER_S;
	head(out, "lodge_build_info", "gauge", "The version that runs.");
	fprintf(out, "lodge_build_info{version=\"%s\"} 1\n", LODGE_VERSION);
	head(out, "lodge_uptime_seconds", "gauge", "How long the host has been running.");
	fprintf(out, "lodge_uptime_seconds %.3f\n", uptime_s);
	head(out, "lodge_sessions", "gauge", "Attached sessions.");
	fprintf(out, "lodge_sessions %u\n", counts->sessions);
	head(out, "lodge_pairing_requests", "gauge", "Clients that wait to be paired.");
	fprintf(out, "lodge_pairing_requests %u\n", counts->pairing_requests);
	head(out, "lodge_event_listeners", "gauge", "Listeners of the API's events.");
	fprintf(out, "lodge_event_listeners %u\n", call->api->events.listener_count);
	head(out, "lodge_displays", "gauge", "Displays by state.");
	for (int state = LIFECYCLE_CREATING; state <= LIFECYCLE_CLOSING; state++)
		fprintf(out, "lodge_displays{state=\"%s\"} %u\n", lifecycle_state_name(state),
			counts->displays[state]);
}

static uint64_t viewers_of(const struct stream_state *stream)
{
	return stream->subscribers;
}

static uint64_t frames_of(const struct stream_state *stream)
{
	return stream->frames;
}

static uint64_t keyframes_of(const struct stream_state *stream)
{
	return stream->keyframes;
}

static uint64_t bytes_of(const struct stream_state *stream)
{
	return stream->bytes;
}

static const struct {
	const char *name, *type, *help;
	uint64_t (*value)(const struct stream_state *stream);
} stream_metrics[] = {
	{ "lodge_stream_viewers", "gauge", "Sessions that watch the display's stream.",
		viewers_of },
	{ "lodge_stream_frames_total", "counter", "Frames made since the stream began.",
		frames_of },
	{ "lodge_stream_keyframes_total", "counter", "Of them, keyframes.", keyframes_of },
	{ "lodge_stream_bytes_total", "counter", "Bytes made since the stream began.", bytes_of },
};

static void put_streams(FILE *out, const struct api *api)
{
	struct stream_state streams[STREAMS_MAX];
	const size_t count = session_host_streams(api->sessions, streams, STREAMS_MAX);
	for (size_t i = 0; i < sizeof stream_metrics / sizeof *stream_metrics; i++) {
		head(out, stream_metrics[i].name, stream_metrics[i].type, stream_metrics[i].help);
		for (size_t j = 0; j < count; j++)
			fprintf(out, "%s{slot=\"%u\",generation=\"%u\"} %llu\n",
				stream_metrics[i].name, streams[j].slot, streams[j].generation,
				(unsigned long long)stream_metrics[i].value(&streams[j]));
	}
}

static bool put_sessions(FILE *out, const struct api *api)
{
	size_t count = 0;
	struct session_state *states = api_sessions(api, &count);
	head(out, "lodge_session_dropped_frames_total", "counter",
		"Frames that the session was too slow for.");
	for (size_t i = 0; i < count; i++) {
		if (states[i].waiting)
			continue;
		fprintf(out, "lodge_session_dropped_frames_total{session=\"%u\",label=\"",
			states[i].id);
		put_label(out, states[i].label);
		fputs("\",transport=\"", out);
		put_label(out, states[i].transport);
		fprintf(out, "\"} %llu\n", (unsigned long long)states[i].dropped);
	}
	free(states);
	return states;
}

void api_get_metrics(struct api_call *call)
{
	struct api_counts counts;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool good = out && api_count(call->api, &counts);
	if (good) {
		put_counts(out, call, &counts);
		put_streams(out, call->api);
		good = put_sessions(out, call->api);
	}
	good = out && fclose(out) == 0 && good;
	if (good)
		api_answer_text(call, "text/plain; version=0.0.4; charset=utf-8", text, size);
	else
		api_problem_memory(call);
	free(text);
}
