/*
 * Drives a registry on a fault-injecting backend by bytes: each byte is a claim, a release, an answer of the
 * backend, a fault or a turn of the loop. After each, and at the end, every promise of display/registry.h and
 * display/backend.h is checked; a broken one aborts. Used by the property test and the fuzz target.
 */
#ifndef LODGE_TESTS_REGISTRY_DRIVER_H
#define LODGE_TESTS_REGISTRY_DRIVER_H

#include <stddef.h>
#include <stdint.h>

void registry_driver_run(const uint8_t *bytes, size_t size);

#endif
