/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_JETON_FIXTURE_H
#define JT_TEST_JETON_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "jeton.h"

#include "jeton_world.h"

#include <string.h>

/* libjeton as other programs have it: the shared library, over a table that is written here. */

static struct world w;
static struct jeton *j;

static inline int set_up(void **state)
{
	(void)state;
	world_open(&w);
	return jeton_open(w.path, &j) == JETON_ALLOWED ? 0 : -1;
}

static inline int tear_down(void **state)
{
	(void)state;
	jeton_close(j);
	world_close(&w);
	return 0;
}

static inline enum jeton_result verify(
	enum world_token which, const struct jeton_request *request, struct jeton_answer *answer)
{
	return jeton_verify(j, w.value[which], strlen(w.value[which]), request, answer);
}

static inline struct jeton_scope *scope(const char *name)
{
	struct jeton_scope *s = NULL;

	assert_int_equal(jeton_scope_new(j, name, &s), JETON_ALLOWED);
	assert_non_null(s);
	return s;
}

static inline const char *text_of(const struct jt_id *id)
{
	static char text[4][JT_ID_TEXT_SIZE];
	static unsigned next;

	return jt_id_text(id, text[next++ % 4]);
}

#endif
