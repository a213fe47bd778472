/*
 * Prints the built-in presets as the API describes a policy: a JSON array, in their order.
 */
#include <stdio.h>

#include "settings/settings.h"

int main(void)
{
	json_t *presets = json_array();
	for (size_t i = 0; i < policy_preset_count; i++)
		json_array_append_new(presets,
			settings_describe(&policy_presets[i].fields, policy_presets[i].name));
	const bool good = json_array_size(presets) == policy_preset_count &&
		json_dumpf(presets, stdout, JSON_INDENT(2)) == 0 && fflush(stdout) == 0;
	json_decref(presets);
	return good ? 0 : 1;
}
