/* SPDX-License-Identifier: Apache-2.0 */
#include "api/token_cursor.h"

#include "base/buf.h"
#include "base/text.h"

#include <string.h>

static uint8_t *put(uint8_t *at, uint64_t number, unsigned bytes)
{
	for (unsigned i = bytes; i-- > 0;)
		*at++ = (uint8_t)(number >> (8 * i));
	return at;
}

size_t jt_token_cursor_write(
	enum jt_token_sort order, const struct jt_token_place *place, uint64_t skip, uint8_t out[JT_TOKEN_CURSOR_MAX])
{
	const size_t length = order == JT_TOKENS_BY_LABEL ? strlen(place->label) : 0;
	uint8_t *at = put(out, (uint64_t)order, 1);

	at = put(at, skip, 4);
	at = mempcpy(at, place->id.b, JT_ID_SIZE);
	at = put(at, (uint64_t)place->number, 8);
	at = mempcpy(at, place->label, length);
	return (size_t)(at - out);
}

/* The label is all that is left: text as a token could have it, and only where it is the order. */
static enum jt_result read_label(struct jt_reader *in, enum jt_token_sort order, char out[JT_LABEL_SIZE])
{
	const size_t length = in->left;

	if (order != JT_TOKENS_BY_LABEL)
		return jt_read_end(in);
	if (length >= JT_LABEL_SIZE || !jt_text_is_name((const char *)in->at, length))
		return JT_MALFORMED;
	out[length] = '\0';
	return jt_read_bytes(in, out, length);
}

enum jt_result jt_token_cursor_read(
	const void *bytes, size_t size, enum jt_token_sort order, struct jt_token_place *place, uint64_t *skip)
{
	struct jt_reader in = jt_reader_of(bytes, size);
	uint64_t number = 0;
	uint32_t left = 0;
	uint8_t written = 0;
	enum jt_result r = jt_read_u8(&in, &written);

	*place = (struct jt_token_place){.number = 0};
	if (r == JT_OK)
		r = jt_read_u32(&in, &left);
	if (r == JT_OK)
		r = jt_read_bytes(&in, place->id.b, JT_ID_SIZE);
	if (r == JT_OK)
		r = jt_read_u64(&in, &number);
	if (r == JT_OK)
		r = read_label(&in, order, place->label);
	if (r != JT_OK || written != (uint8_t)order || number > INT64_MAX)
		return JT_MALFORMED;
	place->number = (int64_t)number;
	*skip = left;
	return JT_OK;
}
