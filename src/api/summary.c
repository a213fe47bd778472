/* GET /summary: numbers without names, for a tray icon. */
#include <stdlib.h>

#include "api/answer.h"
#include "api/counts.h"
#include "api/handlers.h"
#include "api/internal.h"

void api_get_summary(struct api_call *call)
{
	struct api_counts counts;
	if (!api_count(call->api, &counts)) {
		api_problem_memory(call);
		return;
	}
	const uint32_t kept =
		counts.displays[LIFECYCLE_LINGERING] + counts.displays[LIFECYCLE_PINNED];
	uint32_t displays = 0;
	for (int state = LIFECYCLE_CREATING; state <= LIFECYCLE_CLOSING; state++)
		displays += counts.displays[state];
	api_answer_json(call,
		json_pack("{s:s,s:I,s:I,s:I,s:I,s:I}", "version", LODGE_VERSION, "uptime",
			(json_int_t)((call->now_ns - call->api->began_ns) / API_NS_PER_S),
			"sessions", (json_int_t)counts.sessions, "displays", (json_int_t)displays,
			"kept", (json_int_t)kept, "pairing_requests",
			(json_int_t)counts.pairing_requests));
}
