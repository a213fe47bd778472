#include "api/audit.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/internal.h"
#include "api/json.h"
#include "api/routes.h"
#include "store/worker.h"

struct api_audit {
	int folder;
	struct store_worker *worker;
	bool failing; /* the log has heard of it */
};

struct api_audit *api_audit_create(int folder, struct store_worker *worker)
{
	struct api_audit *audit = calloc(1, sizeof *audit);
	if (!audit)
		return NULL;
	audit->folder = folder;
	audit->worker = worker;
	return audit;
}

void api_audit_destroy(struct api_audit *audit)
{
	if (!audit)
		return;
	store_worker_forget(audit->worker, audit);
	free(audit);
}

static void complain(struct api_audit *audit, int error)
{
	if (error < 0 && !audit->failing)
		fprintf(stderr, "lodged: " AUDIT_FILE " cannot be written: %s\n", strerror(-error));
	audit->failing = error < 0;
}

static void on_written(void *data, int error)
{
	complain(data, error);
}

static const char *authority_name(enum api_authority authority)
{
	switch (authority) {
	case API_NOBODY:
		break;
	case API_LOCAL:
		return "loopback";
	case API_TOKEN:
		return "token";
	case API_COOKIE:
		return "cookie";
	}
	return "none";
}

static const char *outcome_name(int status)
{
	if (status < 300)
		return "done";
	return status < 500 ? "refused" : "failed";
}

static char *make_line(const struct api_call *call, int status, size_t *size)
{
	char stamp[32] = "";
	const time_t now = time(NULL);
	struct tm parts;
	if (gmtime_r(&now, &parts))
		strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &parts);
	json_t *line = json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:s,s:i}", "time", stamp, "lane",
		api_lane_name(call->route->lane), "auth", authority_name(call->authority), "peer",
		call->peer, "operation", call->route->operation, "target", api_text(call->target),
		"outcome", outcome_name(status), "status", status);
	char *text = line ? json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	char *whole = NULL;
	json_decref(line);
	if (!text || asprintf(&whole, "%s\n", text) < 0)
		whole = NULL;
	free(text);
	*size = whole ? strlen(whole) : 0;
	return whole;
}

void api_audit_write(struct api_audit *audit, const struct api_call *call, int status)
{
	size_t size;
	char *line = make_line(call, status, &size);
	complain(audit,
		line ? store_worker_append(audit->worker, audit->folder, AUDIT_FILE, line, size,
			       AUDIT_FILE_MAX, on_written, audit)
		     : -ENOMEM);
}
