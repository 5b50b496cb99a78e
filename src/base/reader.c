/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <string.h>

struct jt_reader jt_reader_of(const void *bytes, size_t size)
{
	return (struct jt_reader){.at = bytes, .left = size};
}

static const uint8_t *take(struct jt_reader *r, size_t size)
{
	const uint8_t *at = r->at;

	r->at += size;
	r->left -= size;
	return at;
}

static enum jt_result read_number(struct jt_reader *r, size_t size, uint64_t *out)
{
	const uint8_t *from = NULL;

	if (r->left < size)
		return JT_TRUNCATED;
	from = take(r, size);
	*out = 0;
	for (size_t i = 0; i < size; i++)
		*out = *out << 8 | from[i];
	return JT_OK;
}

enum jt_result jt_read_u8(struct jt_reader *r, uint8_t *out)
{
	uint64_t v = 0;

	if (read_number(r, 1, &v) != JT_OK)
		return JT_TRUNCATED;
	*out = (uint8_t)v;
	return JT_OK;
}

enum jt_result jt_read_u32(struct jt_reader *r, uint32_t *out)
{
	uint64_t v = 0;

	if (read_number(r, 4, &v) != JT_OK)
		return JT_TRUNCATED;
	*out = (uint32_t)v;
	return JT_OK;
}

enum jt_result jt_read_u64(struct jt_reader *r, uint64_t *out)
{
	return read_number(r, 8, out);
}

enum jt_result jt_read_bytes(struct jt_reader *r, void *out, size_t size)
{
	if (r->left < size)
		return JT_TRUNCATED;
	if (size > 0)
		memcpy(out, take(r, size), size);
	return JT_OK;
}

enum jt_result jt_read_blob(struct jt_reader *r, size_t max, const uint8_t **at, size_t *size)
{
	struct jt_reader ahead = *r;
	uint32_t length = 0;

	if (jt_read_u32(&ahead, &length) != JT_OK)
		return JT_TRUNCATED;
	if (length > max)
		return JT_TOO_LONG;
	if (length > ahead.left)
		return JT_TRUNCATED;
	*at = take(&ahead, length);
	*size = length;
	*r = ahead;
	return JT_OK;
}

enum jt_result jt_read_end(const struct jt_reader *r)
{
	return r->left == 0 ? JT_OK : JT_MALFORMED;
}
