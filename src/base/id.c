/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include "base/text.h"

#include <string.h>

/* Where the dashes stand in 8-4-4-4-12: before these bytes. */
static bool dash_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

const char *jt_id_text(const struct jt_id *id, char out[JT_ID_TEXT_SIZE])
{
	char *to = out;

	for (size_t i = 0; i < JT_ID_SIZE; i++) {
		if (dash_before(i))
			*to++ = '-';
		jt_hex(&id->b[i], 1, to);
		to += 2;
	}
	return out;
}

enum jt_result jt_id_parse(const char *text, size_t length, struct jt_id *out)
{
	struct jt_id id = {{0}};
	const char *at = text;

	*out = id;
	if (length != JT_ID_TEXT_SIZE - 1)
		return JT_MALFORMED;
	for (size_t i = 0; i < JT_ID_SIZE; i++) {
		if (dash_before(i) && *at++ != '-')
			return JT_MALFORMED;
		if (jt_unhex(at, 2, &id.b[i], 1) != JT_OK)
			return JT_MALFORMED;
		at += 2;
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
