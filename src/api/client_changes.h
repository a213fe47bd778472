/*
 * Room: api, private.
 */
#ifndef LODGE_API_CLIENT_CHANGES_H
#define LODGE_API_CLIENT_CHANGES_H

struct api_call;
struct client;

/* clients.c: ends the call with the client as GET /clients shows it. */
void api_answer_client(struct api_call *call, const struct client *client);

#endif
