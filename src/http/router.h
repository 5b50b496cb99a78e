/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_ROUTER_H
#define JT_HTTP_ROUTER_H

#include "http/op.h"
#include "http/target.h"

/* Which operation a path and a method mean. Immutable once made: any number of threads may ask. */

#define JT_SEGMENTS_MAX 12
#define JT_ALLOW_MAX 64

struct jt_routes;

struct jt_match {
	const struct jt_op *op;   /* NULL: the path is known, the method is not: see `allow` */
	const struct jt_op *near; /* then: one that the path would be with another method */
	unsigned index;           /* of `op` in the list */
	unsigned args;
	struct jt_pair arg[JT_SEGMENTS_MAX]; /* names live as long as the routes, values point into `path` */
	char allow[JT_ALLOW_MAX];            /* "GET, HEAD, POST"; set if `op` is NULL */
};

/* `ops` is NULL-terminated and outlives it. JT_NOMEM. */
JT_MUST_USE enum jt_result jt_routes_new(const struct jt_op *const *ops, struct jt_routes **out);
void jt_routes_free(struct jt_routes *t);
unsigned jt_routes_count(const struct jt_routes *t);
const struct jt_op *jt_routes_op(const struct jt_routes *t, unsigned index);
/* Cuts `path` (decoded) into its segments in place. JT_OK with out->op; JT_METHOD_NOT_ALLOWED with out->allow; JT_NOT_FOUND.
 * HEAD goes where GET goes. A path that ends in a word which some operation's path ends in is not one that ends in an argument. */
JT_MUST_USE enum jt_result jt_routes_find(
	const struct jt_routes *t, const char *method, char *path, struct jt_match *out);

#endif
