#include "display/sway/sway_capabilities.h"

#define SLOTS_MAX 63

void sway_capabilities_fill(struct display_capabilities *capabilities, bool can_remove)
{
	*capabilities = (struct display_capabilities){ .slots_max = SLOTS_MAX };
	for (int option = 0; option < DISPLAY_OPTIONS; option++)
		capabilities->options[option].supported = true;
	capabilities->options[DISPLAY_OPTION_PRIMARY] = (struct display_capability){
		.fallback = "extend",
		.reason = "no-primary-on-wayland",
		.text = "sway knows no primary output.",
	};
	capabilities->options[DISPLAY_OPTION_IDENTITY] = (struct display_capability){
		.fallback = "host-kept",
		.reason = "sway-names-outputs",
		.text = "sway names its virtual outputs itself; the host keeps their scale and "
			"place.",
	};
	if (!can_remove)
		capabilities->options[DISPLAY_OPTION_EXCLUSIVE] = (struct display_capability){
			.fallback = "extend",
			.reason = "sway-cannot-disable",
			.text = "This sway is older than 1.8: it says that it turned an output "
				"off, but "
				"does not.",
		};
}
