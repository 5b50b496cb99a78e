/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/secret.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_MAX ((size_t)64 << 20)
#define BUF_LEAST 64

/* Room for `more` bytes and the terminator. Never realloc(), which would leave what may be secret in freed memory. */
static enum jt_result make_room(struct jt_buf *b, size_t more)
{
	size_t room = b->room > BUF_LEAST ? b->room : BUF_LEAST;
	uint8_t *data = NULL;

	if (b->failed)
		return JT_NOMEM;
	if (more > BUF_MAX - b->size) {
		b->failed = true;
		return JT_TOO_LONG;
	}
	if (b->data && b->size + more < b->room)
		return JT_OK;
	while (room <= b->size + more)
		room *= 2;
	data = malloc(room);
	if (!data) {
		b->failed = true;
		return JT_NOMEM;
	}
	if (b->data)
		memcpy(data, b->data, b->size);
	jt_secret_wipe(b->data, b->size);
	free(b->data);
	b->data = data;
	b->room = room;
	return JT_OK;
}

enum jt_result jt_buf_add(struct jt_buf *b, const void *bytes, size_t size)
{
	enum jt_result r = make_room(b, size);

	if (r != JT_OK)
		return r;
	if (size > 0)
		memcpy(b->data + b->size, bytes, size);
	b->size += size;
	return JT_OK;
}

void jt_buf_put(struct jt_buf *b, const void *bytes, size_t size)
{
	/* A failure is kept in b->failed, for jt_buf_check(). */
	if (jt_buf_add(b, bytes, size) != JT_OK)
		return;
}

void jt_buf_put_u8(struct jt_buf *b, uint8_t v)
{
	jt_buf_put(b, &v, 1);
}

static void big_endian(uint64_t v, uint8_t *to, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(v >> (8 * (size - 1 - i)));
}

void jt_buf_put_u32(struct jt_buf *b, uint32_t v)
{
	uint8_t to[4];

	big_endian(v, to, sizeof(to));
	jt_buf_put(b, to, sizeof(to));
}

void jt_buf_put_u64(struct jt_buf *b, uint64_t v)
{
	uint8_t to[8];

	big_endian(v, to, sizeof(to));
	jt_buf_put(b, to, sizeof(to));
}

void jt_buf_put_blob(struct jt_buf *b, const void *bytes, size_t size)
{
	/* Room for all of it first: a length without its bytes must not stay behind. */
	if (make_room(b, size > BUF_MAX ? size : size + 4) != JT_OK)
		return;
	jt_buf_put_u32(b, (uint32_t)size);
	jt_buf_put(b, bytes, size);
}

void jt_buf_put_text(struct jt_buf *b, const char *text)
{
	jt_buf_put(b, text, strlen(text));
}

void jt_buf_printf(struct jt_buf *b, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		b->failed = true;
	if (n < 0 || make_room(b, (size_t)n) != JT_OK)
		return;
	va_start(args, format);
	if (vsnprintf((char *)b->data + b->size, (size_t)n + 1, format, args) == n)
		b->size += (size_t)n;
	else
		b->failed = true;
	va_end(args);
}

enum jt_result jt_buf_check(const struct jt_buf *b)
{
	return b->failed ? JT_NOMEM : JT_OK;
}

const char *jt_buf_text(struct jt_buf *b)
{
	if (make_room(b, 0) != JT_OK)
		return NULL;
	b->data[b->size] = '\0';
	return (const char *)b->data;
}

void jt_buf_free(struct jt_buf *b)
{
	if (!b)
		return;
	free(b->data);
	*b = (struct jt_buf){0};
}

void jt_buf_wipe(struct jt_buf *b)
{
	if (!b)
		return;
	jt_secret_wipe(b->data, b->room);
	jt_buf_free(b);
}
