/*
 * Which sessions are one person, and what it is called. Private to presence.
 */
#ifndef LODGE_CORE_PRESENCE_SEATS_H
#define LODGE_CORE_PRESENCE_SEATS_H

#include "core/presence.h"

bool presence_same_display(struct presence_display a, struct presence_display b);
/* No client at all: two of them are not the same. */
bool presence_is_anonymous(const uint8_t client[IDENTITY_FINGERPRINT_SIZE]);
/* Counts the session among its person's; its display, client, label and user are set. */
void presence_seat(struct presence *presence, struct presence_session *session);
void presence_unseat(struct presence *presence, struct presence_session *session);
/* The session's label was changed. */
void presence_rename_seat(struct presence *presence, const struct presence_session *session);
void presence_forget_person(struct presence *presence, struct presence_person *person);

#endif
