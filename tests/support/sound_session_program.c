/*
 * lodge-sound-session: sound_session.h as a program, with a PulseAudio server, for tests in other languages. Says its folder
 * once everything is there, which is what XDG_RUNTIME_DIR is to programs that are to play in it, and ends when its
 * standard input does: so it goes with the test, however that ends.
 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "sound_session.h"

static bool has_pulse_server(struct sound_session *session)
{
	static const char *const server[] = { "pipewire-pulse", NULL };
	static const char *const question[] = { "pactl", "get-default-sink", NULL };
	char output[256];
	if (sound_session_launch(session, server) < 0)
		return false;
	for (int waited_ms = 0; waited_ms < SOUND_SESSION_DEADLINE_MS; waited_ms += 100) {
		if (sound_session_ask(session, question, output, sizeof output))
			return true;
		poll(NULL, 0, 100);
	}
	return false;
}

int main(void)
{
	struct sound_session session;
	/* Where the quantum changes, programs on PipeWire 0.3.65 fall silent now and then. */
	bool is_there = sound_session_start_steady(&session);
	if (is_there && !has_pulse_server(&session)) {
		fprintf(stderr, "lodge-sound-session: no PulseAudio server, see %s/log\n",
			session.folder);
		is_there = false;
	}
	if (is_there) {
		char rest[64];
		printf("%s\n", session.folder);
		fflush(stdout);
		while (read(STDIN_FILENO, rest, sizeof rest) > 0)
			;
	}
	sound_session_stop(&session);
	return is_there ? 0 : 1;
}
