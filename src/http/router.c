/* SPDX-License-Identifier: Apache-2.0 */
#include "http/router.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct route {
	const struct jt_op *op;
	char *text; /* the path, cut into segments; braces taken off */
	unsigned segments;
	const char *segment[JT_SEGMENTS_MAX];
	bool is_arg[JT_SEGMENTS_MAX];
};

struct jt_routes {
	unsigned count;
	struct route route[];
};

/* "/a/b" is two segments, "/" none. More than fit: JT_SEGMENTS_MAX + 1. */
static unsigned cut(char *path, const char **segment)
{
	unsigned n = 0;

	while (*path == '/' && path[1] != '\0') {
		if (n == JT_SEGMENTS_MAX)
			return JT_SEGMENTS_MAX + 1;
		*path++ = '\0';
		segment[n++] = path;
		path += strcspn(path, "/");
	}
	return n;
}

static enum jt_result compile(const struct jt_op *op, struct route *out)
{
	out->op = op;
	out->text = strdup(op->path);
	if (!out->text)
		return JT_NOMEM;
	out->segments = cut(out->text, out->segment);
	assert(out->segments <= JT_SEGMENTS_MAX);
	for (unsigned i = 0; i < out->segments; i++) {
		size_t length = strlen(out->segment[i]);

		out->is_arg[i] = out->segment[i][0] == '{';
		if (out->is_arg[i]) {
			out->text[out->segment[i] - out->text + (ptrdiff_t)length - 1] = '\0';
			out->segment[i]++;
		}
	}
	return JT_OK;
}

enum jt_result jt_routes_new(const struct jt_op *const *ops, struct jt_routes **out)
{
	struct jt_routes *t;
	unsigned count = 0;

	while (ops[count])
		count++;
	t = calloc(1, sizeof(*t) + count * sizeof(t->route[0]));
	*out = NULL;
	if (!t)
		return JT_NOMEM;
	t->count = count;
	for (unsigned i = 0; i < count; i++) {
		if (compile(ops[i], &t->route[i]) != JT_OK) {
			jt_routes_free(t);
			return JT_NOMEM;
		}
	}
	*out = t;
	return JT_OK;
}

void jt_routes_free(struct jt_routes *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < t->count; i++)
		free(t->route[i].text);
	free(t);
}

unsigned jt_routes_count(const struct jt_routes *t)
{
	return t->count;
}

const struct jt_op *jt_routes_op(const struct jt_routes *t, unsigned index)
{
	return index < t->count ? t->route[index].op : NULL;
}

static bool fits(const struct route *route, const char *const *segment, unsigned segments)
{
	if (route->segments != segments)
		return false;
	/* From the end: what tells operations apart stands there. */
	for (unsigned i = segments; i-- > 0;) {
		if (!route->is_arg[i] && strcmp(route->segment[i], segment[i]) != 0)
			return false;
	}
	return true;
}

/* A path that ends in a word of its own (.../tokens/revoke) is not one that ends in somebody's id. */
static bool ends_in_word(const struct route *route)
{
	return route->segments > 0 && !route->is_arg[route->segments - 1];
}

static bool any_ends_in_word(const struct jt_routes *t, const char *const *segment, unsigned segments)
{
	for (unsigned i = 0; i < t->count; i++) {
		if (ends_in_word(&t->route[i]) && fits(&t->route[i], segment, segments))
			return true;
	}
	return false;
}

static void allow(struct jt_match *m, const char *method)
{
	size_t used = strlen(m->allow);
	int n = snprintf(m->allow + used, sizeof(m->allow) - used, "%s%s%s", used ? ", " : "", method,
		strcmp(method, "GET") == 0 ? ", HEAD" : "");

	if (n < 0 || (size_t)n >= sizeof(m->allow) - used)
		m->allow[used] = '\0';
}

static bool means(const char *asked, const char *method)
{
	return strcmp(asked, method) == 0 || (strcmp(asked, "HEAD") == 0 && strcmp(method, "GET") == 0);
}

enum jt_result jt_routes_find(const struct jt_routes *t, const char *method, char *path, struct jt_match *out)
{
	const char *segment[JT_SEGMENTS_MAX];
	unsigned segments = cut(path, segment);
	const bool word = any_ends_in_word(t, segment, segments);

	out->op = NULL;
	out->near = NULL;
	out->args = 0;
	out->allow[0] = '\0';
	for (unsigned i = 0; i < t->count; i++) {
		const struct route *route = &t->route[i];

		if (!fits(route, segment, segments) || (word && !ends_in_word(route)))
			continue;
		if (!means(method, route->op->method)) {
			allow(out, route->op->method);
			out->near = route->op;
			continue;
		}
		out->op = route->op;
		out->index = i;
		for (unsigned at = 0; at < segments; at++) {
			if (route->is_arg[at])
				out->arg[out->args++] = (struct jt_pair){route->segment[at], segment[at]};
		}
		return JT_OK;
	}
	return out->allow[0] ? JT_METHOD_NOT_ALLOWED : JT_NOT_FOUND;
}
