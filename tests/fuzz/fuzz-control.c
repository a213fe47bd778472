#include "control_driver.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	control_driver_run(bytes, size < 2048 ? size : 2048, NULL);
	return 0;
}
