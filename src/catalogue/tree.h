/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_CATALOGUE_TREE_H
#define JT_CATALOGUE_TREE_H

#include "catalogue/catalogue.h"

#include <stdbool.h>
#include <stddef.h>

/* A YAML document as a small tree in which every node knows where it stands. Made from libfyaml's events, so that its limits
 * hold while it is read. */

#define JT_TREE_DEPTH_MAX 8
#define JT_TREE_KEYS_MAX 2000

enum jt_node_type { JT_NODE_TEXT, JT_NODE_LIST, JT_NODE_MAP };

struct jt_node {
	enum jt_node_type type;
	int line, column; /* from 1 */
	char *key;        /* in a mapping; else NULL */
	char *text;       /* of a JT_NODE_TEXT */
	size_t count;     /* of its children */
	struct jt_node *first, *last, *next;
	bool seen; /* somebody asked for it: what nobody asked for is unknown */
};

/* What errors are said of, and with. */
struct jt_source {
	const char *name;
	struct jt_catalogue_error *error;
};

/* "name:line:column: reason" into src->error; JT_MALFORMED. `at` NULL: the whole file. */
enum jt_result jt_source_wrong(const struct jt_source *src, const struct jt_node *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Reads one document; *out is its root, to be freed. JT_MALFORMED, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_tree_read(
	const struct jt_source *src, const char *text, size_t size, struct jt_node **out);
/* NULL is taken. */
void jt_tree_free(struct jt_node *node);
/* The child of a mapping, marked as seen; NULL if there is none. */
struct jt_node *jt_node_get(struct jt_node *map, const char *key);
/* The first child that nobody asked for is an error. */
JT_MUST_USE enum jt_result jt_node_known(const struct jt_source *src, const struct jt_node *map);

#endif
