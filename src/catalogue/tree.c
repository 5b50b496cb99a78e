/* SPDX-License-Identifier: Apache-2.0 */
#include "catalogue/tree.h"

#include "base/text.h"

#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	const struct jt_source *src;
	struct fy_diag *diag;
	struct fy_parser *parser;
};

enum jt_result jt_source_wrong(const struct jt_source *src, const struct jt_node *at, const char *format, ...)
{
	char reason[200];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	if (at)
		(void)snprintf(src->error->text, sizeof(src->error->text), "%.160s:%d:%d: %s", src->name, at->line,
			at->column, reason);
	else
		(void)snprintf(src->error->text, sizeof(src->error->text), "%.160s: %s", src->name, reason);
	return JT_MALFORMED;
}

void jt_tree_free(struct jt_node *node)
{
	struct jt_node *child = node ? node->first : NULL;

	while (child) { /* as deep as JT_TREE_DEPTH_MAX */
		struct jt_node *next = child->next;

		jt_tree_free(child);
		child = next;
	}
	if (node) {
		free(node->key);
		free(node->text);
		free(node);
	}
}

struct jt_node *jt_node_get(struct jt_node *map, const char *key)
{
	for (struct jt_node *n = map->first; n; n = n->next) {
		if (n->key && strcmp(n->key, key) == 0) {
			n->seen = true;
			return n;
		}
	}
	return NULL;
}

enum jt_result jt_node_known(const struct jt_source *src, const struct jt_node *map)
{
	for (const struct jt_node *n = map->first; n; n = n->next) {
		if (!n->seen)
			return jt_source_wrong(src, n, "unknown key '%.60s'", n->key);
	}
	return JT_OK;
}

/* What the library found wrong, in its own words. */
static enum jt_result bad_yaml(struct reading *in)
{
	struct jt_node at = {.line = 1, .column = 1};
	void *before = NULL;
	struct fy_diag_error *e = fy_diag_errors_iterate(in->diag, &before);

	if (e && e->line > 0) {
		at.line = e->line;
		at.column = e->column > 0 ? e->column : 1;
	}
	return jt_source_wrong(in->src, &at, "not YAML: %.180s", e && e->msg ? e->msg : "it cannot be read");
}

static void place(const struct fy_event *event, struct jt_node *at)
{
	const struct fy_mark *mark = fy_event_start_mark((struct fy_event *)(uintptr_t)event);

	at->line = mark ? mark->line + 1 : 1;
	at->column = mark ? mark->column + 1 : 1;
}

/* The next event that is allowed here. JT_MALFORMED for tags, anchors, aliases and what is no YAML. */
static enum jt_result next(struct reading *in, struct fy_event **out, struct jt_node *at)
{
	struct fy_event *e = fy_parser_parse(in->parser);
	const void *anchor = NULL;
	const void *tag = NULL;

	*out = e;
	if (!e)
		return bad_yaml(in);
	place(e, at);
	if (e->type == FYET_SCALAR) {
		anchor = e->scalar.anchor;
		tag = e->scalar.tag;
	} else if (e->type == FYET_MAPPING_START) {
		anchor = e->mapping_start.anchor;
		tag = e->mapping_start.tag;
	} else if (e->type == FYET_SEQUENCE_START) {
		anchor = e->sequence_start.anchor;
		tag = e->sequence_start.tag;
	}
	if (e->type == FYET_ALIAS || anchor)
		return jt_source_wrong(in->src, at, "anchors and aliases are not allowed");
	if (tag)
		return jt_source_wrong(in->src, at, "tags are not allowed");
	return JT_OK;
}

static enum jt_result take_text(struct reading *in, struct fy_event *e, const struct jt_node *at, char **out)
{
	size_t size = 0;
	const char *text = e->scalar.value ? fy_token_get_text(e->scalar.value, &size) : "";

	if (!text || memchr(text, '\0', size))
		return jt_source_wrong(in->src, at, "a text with a NUL");
	*out = strndup(text, size);
	return *out ? JT_OK : JT_NOMEM;
}

static enum jt_result read_node(
	struct reading *in, struct fy_event *e, const struct jt_node *at, unsigned depth, struct jt_node **out);

static void append(struct jt_node *parent, struct jt_node *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

/* The key of a mapping's next entry; *key stays NULL at its end. */
static enum jt_result read_key(struct reading *in, struct jt_node *map, char **key, struct jt_node *at)
{
	struct fy_event *e = NULL;
	enum jt_result r = next(in, &e, at);

	*key = NULL;
	if (r == JT_OK && e->type == FYET_SCALAR)
		r = take_text(in, e, at, key);
	else if (r == JT_OK && e->type != FYET_MAPPING_END)
		r = jt_source_wrong(in->src, at, "a key must be a text");
	if (e)
		fy_parser_event_free(in->parser, e);
	if (r != JT_OK || !*key)
		return r;
	if (strcmp(*key, "<<") == 0)
		return jt_source_wrong(in->src, at, "merge keys are not allowed");
	if (map->count == JT_TREE_KEYS_MAX)
		return jt_source_wrong(in->src, at, "more than %d keys in one mapping", JT_TREE_KEYS_MAX);
	for (const struct jt_node *n = map->first; n; n = n->next) {
		if (strcmp(n->key, *key) == 0)
			return jt_source_wrong(in->src, at, "the key '%.60s' is there twice", *key);
	}
	return JT_OK;
}

static enum jt_result read_children(struct reading *in, struct jt_node *parent, unsigned depth)
{
	for (;;) {
		struct jt_node at = {0}, value_at = {0};
		struct jt_node *child = NULL;
		struct fy_event *e = NULL;
		char *key = NULL;
		enum jt_result r = JT_OK;

		if (parent->type == JT_NODE_MAP) {
			r = read_key(in, parent, &key, &at);
			if (r != JT_OK || !key) {
				free(key);
				return r;
			}
		}
		r = next(in, &e, &value_at);
		if (r == JT_OK && e->type == FYET_SEQUENCE_END) {
			fy_parser_event_free(in->parser, e);
			return JT_OK;
		}
		if (r == JT_OK)
			r = read_node(in, e, &value_at, depth + 1, &child);
		if (e)
			fy_parser_event_free(in->parser, e);
		if (r != JT_OK) {
			free(key);
			return r;
		}
		if (key) { /* errors point at the key */
			child->key = key;
			child->line = at.line;
			child->column = at.column;
		}
		append(parent, child);
	}
}

static enum jt_result read_node(
	struct reading *in, struct fy_event *e, const struct jt_node *at, unsigned depth, struct jt_node **out)
{
	struct jt_node *n = NULL;
	enum jt_result r = JT_OK;

	*out = NULL;
	if (depth > JT_TREE_DEPTH_MAX)
		return jt_source_wrong(in->src, at, "nested deeper than %d", JT_TREE_DEPTH_MAX);
	n = calloc(1, sizeof(*n));
	if (!n)
		return JT_NOMEM;
	n->line = at->line;
	n->column = at->column;
	n->type = e->type == FYET_SCALAR ? JT_NODE_TEXT : e->type == FYET_MAPPING_START ? JT_NODE_MAP : JT_NODE_LIST;
	if (n->type == JT_NODE_TEXT)
		r = take_text(in, e, at, &n->text);
	else
		r = read_children(in, n, depth);
	if (r != JT_OK) {
		jt_tree_free(n);
		return r;
	}
	*out = n;
	return JT_OK;
}

/* Stream start, document start, one node, document end, stream end: nothing else. */
static enum jt_result read_stream(struct reading *in, struct jt_node **out)
{
	static const enum fy_event_type around[] = {
		FYET_STREAM_START, FYET_DOCUMENT_START, FYET_NONE, FYET_DOCUMENT_END, FYET_STREAM_END};
	enum jt_result r = JT_OK;

	for (size_t i = 0; r == JT_OK && i < sizeof(around) / sizeof(*around); i++) {
		struct jt_node at = {0};
		struct fy_event *e = NULL;

		r = next(in, &e, &at);
		if (r == JT_OK && around[i] == FYET_NONE)
			r = read_node(in, e, &at, 1, out);
		else if (r == JT_OK && e->type != around[i])
			r = jt_source_wrong(in->src, &at,
				around[i] == FYET_DOCUMENT_START ? "the file is empty"
								 : "only one document is allowed");
		if (e)
			fy_parser_event_free(in->parser, e);
	}
	return r;
}

enum jt_result jt_tree_read(const struct jt_source *src, const char *text, size_t size, struct jt_node **out)
{
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2};
	struct fy_diag_cfg words; /* kept for the reason, never printed */
	struct reading in = {.src = src};
	enum jt_result r = JT_OK;

	*out = NULL;
	if (size > JT_CATALOGUE_MAX_BYTES)
		return jt_source_wrong(src, NULL, "larger than %d bytes", JT_CATALOGUE_MAX_BYTES);
	if (!jt_text_is_utf8(text, size) || memchr(text, '\0', size))
		return jt_source_wrong(src, NULL, "not UTF-8 text");
	fy_diag_cfg_default(&words);
	in.diag = fy_diag_create(&words);
	if (!in.diag)
		return JT_NOMEM;
	fy_diag_set_collect_errors(in.diag, true);
	cfg.diag = in.diag;
	in.parser = fy_parser_create(&cfg);
	if (!in.parser || fy_parser_set_string(in.parser, text, size) != 0)
		r = JT_NOMEM;
	if (r == JT_OK)
		r = read_stream(&in, out);
	if (r != JT_OK) {
		jt_tree_free(*out);
		*out = NULL;
	}
	if (in.parser)
		fy_parser_destroy(in.parser);
	fy_diag_destroy(in.diag);
	return r;
}
