/*
 * A private stack of sound for tests: a D-Bus daemon, PipeWire and WirePlumber without hardware in a folder of their own, with
 *   session-sink    two channels, the default sink
 *   session-around  5.1
 *   session-mic     a microphone, mono, the default source
 * and programs in it that play, record, and make further sinks.
 *
 * Thread: the test's. Every wait ends after SOUND_SESSION_DEADLINE_MS; what was started dies with the test.
 */
#ifndef LODGE_TESTS_SUPPORT_SOUND_SESSION_H
#define LODGE_TESTS_SUPPORT_SOUND_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SOUND_SESSION_DEADLINE_MS 20000
#define SOUND_SESSION_PROGRAMS_MAX 16

struct sound_session {
	char folder[64];
	char socket[80]; /* PipeWire's */
	pid_t bus, pipewire, wireplumber;
	pid_t programs[SOUND_SESSION_PROGRAMS_MAX]; /* 0: free */
	char **environment;
};

/* False, with the reason on standard error; to be stopped all the same. */
bool sound_session_start(struct sound_session *session);
/* The same, but for a quantum that is always 256 samples, as in an isolated tree. */
bool sound_session_start_steady(struct sound_session *session);
void sound_session_stop(struct sound_session *session);

/* Runs a program in the session until it is ended, or the session. Arguments up to NULL. -1 when it does not start. */
pid_t sound_session_launch(struct sound_session *session, const char *const *arguments);
/* SIGTERM, then SIGKILL. */
void sound_session_end(struct sound_session *session, pid_t pid);
void sound_session_end_programs(struct sound_session *session); /* all that were launched */
/* Waits until it has ended by itself: its exit code, or -1. */
int sound_session_join(struct sound_session *session, pid_t pid);
/* What a short program says on its standard output; false: it failed or took too long. */
bool sound_session_ask(
	struct sound_session *session, const char *const *arguments, char *output, size_t size);
/* A port such as "session-sink:monitor_FL" is there. */
bool sound_session_has_port(struct sound_session *session, const char *port);
bool sound_session_wait_for_port(struct sound_session *session, const char *port);

#endif
