/*
 * A confinement as it is assigned: MODE[,DEVICE...], such as "home,dri". For --policy, the environment and the command lodge.
 *
 * Room: settings; pure but for memory. Any thread.
 */
#ifndef LODGE_SETTINGS_CONFINEMENT_WORDS_H
#define LODGE_SETTINGS_CONFINEMENT_WORDS_H

#include <jansson.h>

/* The member of a document, whatever the words are: its reader judges them. NULL: no UTF-8, or no memory. */
json_t *confinement_from_words(const char *words);

#endif
