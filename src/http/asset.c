/* SPDX-License-Identifier: Apache-2.0 */
#include "http/asset.h"

#include "http/inside.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The next element of a list such as "gzip;q=0.5, br", without the blanks around it; false at the end. */
static bool next(const char **list, const char **element, size_t *size)
{
	const char *at = *list + strspn(*list, " \t,");
	size_t length = strcspn(at, ",");

	*list = at + length;
	while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
		length--;
	*element = at;
	*size = length;
	return length > 0;
}

/* "q=0", "q=0.000": not at any price (RFC 9110, 12.4.2). */
static bool is_refused(const char *parameters, size_t size)
{
	const char *q = memchr(parameters, '=', size);

	return q && strspn(q + 1, "0.") == size - (size_t)(q + 1 - parameters);
}

static bool takes_gzip(const char *accepted)
{
	const char *element = NULL;
	size_t size = 0;
	bool any = false;

	while (accepted && next(&accepted, &element, &size)) {
		size_t name = strcspn(element, "; \t,");

		if (name == 4 && strncasecmp(element, "gzip", 4) == 0)
			return !is_refused(element + name, size - name);
		if (name == 1 && *element == '*')
			any = !is_refused(element + name, size - name);
	}
	return any;
}

/* Compared weakly, as If-None-Match is (RFC 9110, 13.1.2). */
static bool has(const char *tags, const char *tag)
{
	const char *element = NULL;
	size_t size = 0;

	while (tags && next(&tags, &element, &size)) {
		if (size == 1 && *element == '*')
			return true;
		if (size > 2 && strncmp(element, "W/", 2) == 0) {
			element += 2;
			size -= 2;
		}
		if (size == strlen(tag) && strncmp(element, tag, size) == 0)
			return true;
	}
	return false;
}

enum jt_result jt_call_answer_asset(struct jt_call *c, const struct jt_asset *asset, enum jt_asset_keep keep)
{
	const struct jt_head_lines *head = &c->http->head;
	bool small = takes_gzip(head->accept_encoding);
	const char *tag = small ? asset->gzip_tag : asset->plain_tag;
	size_t size = small ? asset->gzip_size : asset->plain_size;
	char *copy = NULL;

	c->cache = keep == JT_ASSET_KEEP ? "public, max-age=31536000, immutable" : "no-cache";
	jt_call_header(c, "ETag", tag);
	jt_call_header(c, "Vary", "Accept-Encoding");
	if (has(head->if_none_match, tag)) {
		c->status = 304;
		return JT_OK;
	}
	if (small)
		jt_call_header(c, "Content-Encoding", "gzip");
	copy = malloc(size);
	if (copy)
		memcpy(copy, small ? asset->gzip : asset->plain, size);
	return jt_call_answer_raw(c, copy, size, asset->type);
}
