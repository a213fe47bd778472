#include "fuzz.h"
#include "presence_driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	presence_driver_run(bytes, size < 2048 ? size : 2048, NULL);
	return 0;
}
