#include "display/gamescope/gamescope_capabilities.h"

#define SLOTS_MAX 63

void gamescope_capabilities_fill(struct display_capabilities *capabilities, bool mirrored)
{
	*capabilities = (struct display_capabilities){ .slots_max = SLOTS_MAX };
	struct display_capability *options = capabilities->options;
	options[DISPLAY_OPTION_SECOND_OUTPUT] = (struct display_capability){
		.fallback = "join",
		.reason = "gamescope-one-output",
		.text = "gamescope has one output: whoever comes second sees the same picture.",
	};
	options[DISPLAY_OPTION_RECONFIGURE] = (struct display_capability){
		.fallback = mirrored ? "none" : "recreate",
		.reason = mirrored ? "gamescope-mirrored" : "gamescope-fixed-size",
		.text = mirrored ? "This gamescope was started by somebody else and keeps its size."
				 : "gamescope takes its size when it starts: another size ends the "
				   "programs in it and starts them anew.",
	};
	options[DISPLAY_OPTION_KEEP].supported = true;
	for (int option = DISPLAY_OPTION_PRIMARY; option <= DISPLAY_OPTION_LAYOUT; option++)
		options[option] = (struct display_capability){
			.fallback = "extend",
			.reason = "gamescope-one-output-alone",
			.text = "gamescope has one output and nothing beside it.",
		};
	options[DISPLAY_OPTION_SCALE] = (struct display_capability){
		.fallback = "none",
		.reason = "gamescope-no-scale",
		.text = "gamescope shows programs pixel for pixel.",
	};
	options[DISPLAY_OPTION_IDENTITY] = (struct display_capability){
		.fallback = "host-kept",
		.reason = "gamescope-no-identity",
		.text = "gamescope does not know its outputs again; the host remembers them.",
	};
	options[DISPLAY_OPTION_SEATS] = (struct display_capability){
		.fallback = "shared",
		.reason = "gamescope-one-seat",
		.text = "gamescope has one pointer and one keyboard for everybody.",
	};
}
