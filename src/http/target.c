/* SPDX-License-Identifier: Apache-2.0 */
#include "http/target.h"

#include "base/text.h"
#include "http/server.h"

#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* unreserved, sub-delims, ':' and '@' of RFC 3986, and what separates: '/', '?'. */
static bool may_stand(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~!$&'()*+,;=:@/?", c));
}

enum where { IN_PATH, IN_QUERY };

/* Decodes `size` bytes into `out`, which has room for them and a terminator. */
static enum jt_result decode(const char *raw, size_t size, enum where where, char *out, size_t *used)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		char c = raw[i];

		if (c == '%') {
			int high = i + 2 < size ? hex_digit(raw[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(raw[i + 2]) : -1;

			if (low < 0)
				return JT_BAD_FRAMING;
			c = (char)(high * 16 + low);
			if ((unsigned char)c < 0x20 || c == 0x7f || (where == IN_PATH && (c == '/' || c == '\\')))
				return JT_BAD_FRAMING;
			i += 2;
		} else if (!may_stand(c)) {
			return JT_BAD_FRAMING;
		} else if (c == '+' && where == IN_QUERY) {
			c = ' ';
		}
		out[n++] = c;
	}
	out[n] = '\0';
	*used = n;
	return jt_text_is_utf8(out, n) ? JT_OK : JT_BAD_FRAMING;
}

/* No empty segment (a path may end in none), no "." and no "..": each has one spelling only. */
static bool segments_are_plain(const char *path)
{
	const char *at = path;

	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): terminated by whoever made it */
	while (*at == '/') {
		size_t length = strcspn(at + 1, "/");

		if (length == 0 && !(at == path && at[1] == '\0'))
			return false;
		if ((length == 1 && at[1] == '.') || (length == 2 && at[1] == '.' && at[2] == '.'))
			return false;
		at += 1 + length;
	}
	return true;
}

static enum jt_result add_pair(struct jt_target *t, const char *raw, size_t size, char **room, struct jt_why *why)
{
	const char *equals = memchr(raw, '=', size);
	size_t name_size = equals ? (size_t)(equals - raw) : size;
	size_t used = 0;
	struct jt_pair *p = &t->query[t->count];

	if (t->count == JT_QUERY_MAX)
		return jt_why_field(why, "query", "more than %d parameters", JT_QUERY_MAX);
	p->name = *room;
	if (decode(raw, name_size, IN_QUERY, *room, &used) != JT_OK)
		return jt_why_say(why, JT_BAD_FRAMING, "the query is not well-formed");
	*room += used + 1;
	p->value = *room;
	if (decode(equals ? equals + 1 : "", equals ? size - name_size - 1 : 0, IN_QUERY, *room, &used) != JT_OK)
		return jt_why_say(why, JT_BAD_FRAMING, "the query is not well-formed");
	*room += used + 1;
	t->count++;
	return JT_OK;
}

static enum jt_result split_query(struct jt_target *t, const char *raw, size_t size, char *room, struct jt_why *why)
{
	while (size > 0) {
		const char *end = memchr(raw, '&', size);
		size_t length = end ? (size_t)(end - raw) : size;

		if (length > 0) {
			enum jt_result r = add_pair(t, raw, length, &room, why);

			if (r != JT_OK)
				return r;
		}
		raw += length + (end ? 1 : 0);
		size -= length + (end ? 1 : 0);
	}
	return JT_OK;
}

enum jt_result jt_target_parse(const char *raw, size_t size, struct jt_target *out, struct jt_why *why)
{
	const char *query = memchr(raw, '?', size);
	size_t path_size = query ? (size_t)(query - raw) : size;
	size_t used = 0;

	out->text = NULL;
	out->path = "/";
	out->count = 0;
	if (size > JT_HTTP_TARGET_MAX)
		return JT_URI_TOO_LONG;
	if (size == 0 || raw[0] != '/')
		return jt_why_say(why, JT_BAD_FRAMING, "the request target must be a path");
	/* Each parameter is two terminated pieces made of one raw one and its separators. */
	out->text = malloc(size + 2 * JT_QUERY_MAX + 4);
	if (!out->text)
		return JT_NOMEM;
	if (decode(raw, path_size, IN_PATH, out->text, &used) != JT_OK || !segments_are_plain(out->text))
		return jt_why_say(why, JT_BAD_FRAMING, "the path is not well-formed");
	out->path = out->text;
	if (!query)
		return JT_OK;
	return split_query(out, query + 1, size - path_size - 1, out->text + used + 1, why);
}

void jt_target_free(struct jt_target *t)
{
	free(t->text);
	t->text = NULL;
	t->path = "/";
	t->count = 0;
}

const char *jt_target_query(const struct jt_target *t, const char *name)
{
	for (unsigned i = 0; i < t->count; i++) {
		if (strcmp(t->query[i].name, name) == 0)
			return t->query[i].value;
	}
	return NULL;
}

void jt_target_encode(struct jt_buf *out, const char *text, enum jt_slash slash)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			     strchr("-._~", c) || (c == '/' && slash == JT_SLASH_KEEP);

		if (plain)
			jt_buf_put(out, text, 1);
		else
			jt_buf_put(out, escaped, sizeof(escaped));
	}
}
