/*
 * api/openapi.yaml, as the build has put it into the program (embed.py).
 *
 * Room: api, private.
 */
#ifndef LODGE_API_CONTRACT_TEXT_H
#define LODGE_API_CONTRACT_TEXT_H

#include <stddef.h>

extern const char api_contract_text[];
extern const size_t api_contract_size;

#endif
