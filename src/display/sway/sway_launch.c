#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "display/sway/sway_environment.h"
#include "display/sway/sway_private.h"

static void on_launched(struct sway_operation *operation, const json_t *reply)
{
	char text[SWAY_TEXT_MAX];
	const char *fault = sway_command_error(reply);
	snprintf(text, sizeof text, "sway does not start the program: %.180s", fault ? fault : "");
	sway_finish(operation, fault ? -ENOTSUP : 0, text);
}

/*
 * sway has rules of its own for quotes, commas, semicolons and dollars before a shell sees the command: it is given
 * letters and digits only.
 */
char *sway_launch_command(const char *command)
{
	const gnutls_datum_t plain = { (unsigned char *)command, (unsigned)strlen(command) };
	gnutls_datum_t coded = { 0 };
	char *text = NULL;
	if (gnutls_base64_encode2(&plain, &coded) < 0)
		return NULL;
	if (asprintf(&text, "exec eval \"$(echo %.*s | base64 -d)\"", (int)coded.size,
		    (const char *)coded.data) < 0)
		text = NULL;
	gnutls_free(coded.data);
	return text;
}

void sway_launch_start(struct sway_operation *operation)
{
	sway_ask(operation, SWAY_RUN_COMMAND, operation->commands, on_launched);
}
