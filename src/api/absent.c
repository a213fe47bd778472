/* A host that has no API: linked in place of the room until every room that it needs is there. */
#include "api/api.h"

bool api_owns(const char *target)
{
	return false;
}

struct api_call *api_handle(struct api *api, const struct api_request *request,
	const struct api_responder *responder, void *data)
{
	responder->answer(data, &(const struct api_answer){ .status = 503, .fields = "" });
	return NULL;
}

void api_cancel(struct api_call *call)
{
}
