/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/handle.h"

#include "jeton.h"

#include "usage/hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* include/jeton.h: what is let in is recorded, for those who chose so. */

#define SOCKET_FILE "usage.sock"
#define SECONDS_A_MINUTE 60

/* Apart, so that what is asked most does not clear room for a set that it does not need. */
static __attribute__((noinline)) bool note_several(
	struct jeton *j, const struct jt_view *v, const struct jeton_request *ask, const struct jt_asked *asked)
{
	uint32_t minute = (uint32_t)(asked->now_s / SECONDS_A_MINUTE);
	struct jt_scopes all = {{0}};

	for (size_t i = 0; i < ask->scope_count; i++)
		jt_scopes_add(&all, JT_TERM_BIT(jt_term_is(&ask->scopes[i]->term, v, jt_term_look_scope)));
	return jt_recorder_note(j->recorder, asked->instance, asked->token, minute, ask->scope_count ? &all : NULL);
}

void jt_handle_record(struct jeton *j, const struct jeton_request *ask, const struct jt_asked *asked)
{
	const struct jt_view *v = atomic_load_explicit(&j->view, memory_order_acquire);
	bool due = false;

	if (v->instance != asked->instance)
		return; /* replaced in between: counts are lower bounds */
	if (ask->scope_count == 1)
		due = jt_recorder_note_bit(j->recorder, asked->instance, asked->token,
			(uint32_t)(asked->now_s / SECONDS_A_MINUTE),
			JT_TERM_BIT(jt_term_is(&ask->scopes[0]->term, v, jt_term_look_scope)));
	else
		due = note_several(j, v, ask, asked);
	if (due)
		jt_hand_tick(j->hand);
}

/* The socket that stands beside the table; NULL: no memory. */
static char *beside(const char *table)
{
	const char *slash = strrchr(table, '/');
	int length = slash ? (int)(slash - table + 1) : 0;
	char *path = NULL;

	return asprintf(&path, "%.*s" SOCKET_FILE, length, table) < 0 ? NULL : path;
}

enum jeton_result jeton_record(struct jeton *j, const char *path)
{
	struct jt_recorder *recorder = NULL;
	struct jt_hand *hand = NULL;
	char *socket = NULL;
	enum jt_result r = JT_NOMEM;

	if (!j || j->recorder)
		return JETON_BAD_ARGUMENT;
	socket = path ? strdup(path) : beside(j->path);
	if (socket)
		r = jt_recorder_new(&recorder);
	if (r == JT_OK)
		r = jt_hand_new(recorder, socket, &hand);
	free(socket);
	if (r != JT_OK) {
		jt_recorder_free(recorder);
		return r == JT_NOMEM ? JETON_NO_MEMORY : r == JT_TOO_LONG ? JETON_BAD_ARGUMENT : JETON_SYSTEM;
	}
	j->hand = hand;
	j->recorder = recorder;
	return JETON_ALLOWED;
}

void jeton_close(struct jeton *j)
{
	if (!j)
		return;
	jt_hand_free(j->hand);
	jt_recorder_free(j->recorder);
	jt_handle_close(j);
}
