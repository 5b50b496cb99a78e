/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include "base/text.h"

#include <string.h>

/* 8-4-4-4-12: the bytes of each group; dashes between. */
#define GROUPS 5
static const uint8_t group[GROUPS] = {4, 2, 2, 2, 6};

const char *jt_id_text(const struct jt_id *id, char out[JT_ID_TEXT_SIZE])
{
	const uint8_t *from = id->b;
	char *to = out;

	for (unsigned i = 0; i < GROUPS; i++) {
		(void)jt_hex(from, group[i], to);
		from += group[i];
		to += 2 * (size_t)group[i];
		*to++ = '-';
	}
	out[JT_ID_TEXT_SIZE - 1] = '\0';
	return out;
}

enum jt_result jt_id_parse(const char *text, size_t length, struct jt_id *out)
{
	struct jt_id id = {{0}};
	uint8_t *to = id.b;

	*out = id;
	if (length != JT_ID_TEXT_SIZE - 1)
		return JT_MALFORMED;
	for (unsigned i = 0; i < GROUPS; i++) {
		if ((i > 0 && *text++ != '-') || jt_unhex(text, 2 * (size_t)group[i], to, group[i]) != JT_OK)
			return JT_MALFORMED;
		text += 2 * (size_t)group[i];
		to += group[i];
	}
	*out = id;
	return JT_OK;
}

bool jt_id_equal(const struct jt_id *a, const struct jt_id *b)
{
	return memcmp(a->b, b->b, JT_ID_SIZE) == 0;
}

bool jt_id_is_none(const struct jt_id *id)
{
	static const struct jt_id none;

	return jt_id_equal(id, &none);
}
