/*
 * One name for the two packaged generations of the same parser: http-parser (Debian 12) and llhttp (newer).
 *
 * Room: liblodge, private.
 */
#ifndef LODGE_HTTP_PARSER_H
#define LODGE_HTTP_PARSER_H

#ifdef LODGE_HAVE_LLHTTP
#include <llhttp.h>
typedef llhttp_t http_parser_type;
typedef llhttp_settings_t http_parser_callbacks;
#else
#include <http_parser.h>
typedef http_parser http_parser_type;
typedef http_parser_settings http_parser_callbacks;
#endif

#endif
