/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "http/call.h"
#include "http/request.h"
#include "http/server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PER_PAGE_DEFAULT 100
#define PER_PAGE_MAX 250
#define PAGE_MAX 1000
#define AFTER_TEXT_MAX ((JT_PAGE_AFTER_MAX + 2) / 3 * 4)

/* A number from 1 to `max` that a parameter gives; `beyond` says what is answered above it. */
static enum jt_result read_count(
	struct jt_call *c, const char *name, uint64_t max, enum jt_result beyond, unsigned *out)
{
	const char *text = jt_call_query(c, name);
	uint64_t number = 0;

	if (!text)
		return JT_OK;
	if (jt_text_u64(text, strlen(text), UINT64_MAX, &number) != JT_OK || number == 0) {
		/* A run of digits that no integer holds is a number all the same, and beyond every limit. */
		if (*text < '1' || *text > '9' || text[strspn(text, "0123456789")])
			return jt_why_field(&c->why, name, "must be an integer from 1 to %" PRIu64, max);
		number = UINT64_MAX;
	}
	if (number > max && beyond == JT_VALIDATION)
		return jt_why_field(&c->why, name, "must be an integer from 1 to %" PRIu64, max);
	if (number > max)
		return beyond;
	*out = (unsigned)number;
	return JT_OK;
}

static enum jt_result read_after(struct jt_call *c, const char *text, struct jt_page *out)
{
	size_t length = strlen(text);

	if (length == 0 || length > AFTER_TEXT_MAX ||
		jt_unbase64url(text, length, out->after, sizeof(out->after), &out->after_size) != JT_OK ||
		out->after_size == 0)
		return jt_why_field(&c->why, "after", "is not what a next_page had");
	out->continued = true;
	return JT_OK;
}

enum jt_result jt_page_read(struct jt_call *c, unsigned whole_max, struct jt_page *out)
{
	const char *after = jt_call_query(c, "after");
	const char *order = jt_call_query(c, "order");
	unsigned page = 0;
	unsigned per_page = 0;
	enum jt_result r;

	memset(out, 0, sizeof(*out));
	r = read_count(c, "per_page", PER_PAGE_MAX, JT_VALIDATION, &per_page);
	if (r == JT_OK)
		r = read_count(c, "page", PAGE_MAX, JT_PAGE_TOO_DEEP, &page);
	if (r == JT_OK && after && page > 0)
		r = jt_why_field(&c->why, "after", "cannot be used together with page");
	if (r == JT_OK && order && strcmp(order, "asc") != 0 && strcmp(order, "desc") != 0)
		r = jt_why_field(&c->why, "order", "must be asc or desc");
	if (r == JT_OK && after)
		r = read_after(c, after, out);
	if (r != JT_OK)
		return r;
	out->descending = order && strcmp(order, "desc") == 0;
	out->whole = whole_max > 0 && !after && page == 0 && per_page == 0;
	out->limit = out->whole ? whole_max : per_page ? per_page : PER_PAGE_DEFAULT;
	out->offset = page > 1 ? (page - 1) * out->limit : 0;
	return JT_OK;
}

void jt_page_full(const struct jt_page *p, unsigned *keep)
{
	*keep = p->whole ? PER_PAGE_DEFAULT : p->limit;
}

/* The request's own URL, with another `after` and no `page`. */
enum jt_result jt_page_more(struct jt_call *c, const struct jt_page *p, const void *key, size_t key_size)
{
	const struct jt_target *t = &c->http->target;
	char text[(JT_PAGE_AFTER_MAX + 2) / 3 * 4 + 1];
	struct jt_buf url = {0};

	(void)p;
	if (key_size > JT_PAGE_AFTER_MAX)
		return JT_INTERNAL;
	jt_buf_put_text(&url, jt_server_url_public(c->http->server));
	jt_target_encode(&url, t->path, JT_SLASH_KEEP);
	jt_buf_put_text(&url, "?");
	for (unsigned i = 0; i < t->count; i++) {
		if (strcmp(t->query[i].name, "after") == 0 || strcmp(t->query[i].name, "page") == 0)
			continue;
		jt_target_encode(&url, t->query[i].name, JT_SLASH_ENCODE);
		jt_buf_put_text(&url, "=");
		jt_target_encode(&url, t->query[i].value, JT_SLASH_ENCODE);
		jt_buf_put_text(&url, "&");
	}
	jt_buf_put_text(&url, "after=");
	jt_buf_put_text(&url, jt_base64url(key, key_size, text));
	free(c->next_page);
	c->next_page = jt_buf_check(&url) == JT_OK && jt_buf_text(&url) ? strdup(jt_buf_text(&url)) : NULL;
	jt_buf_free(&url);
	return c->next_page ? JT_OK : JT_NOMEM;
}
