/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_TOKEN_WALK_H
#define JT_STORE_TOKEN_WALK_H

#include "store/token.h"

/* Walks along one index over the listed tokens of an org: entries in order, from a place on, without reading the rows behind
 * them. What store/token_list.h is made of. */

enum jt_token_sort { JT_TOKENS_BY_CREATED, JT_TOKENS_BY_LABEL, JT_TOKENS_BY_LAST_USED, JT_TOKENS_BY_EXPIRES };

#define JT_TOKEN_NEVER_USED 0     /* the first by last use */
#define JT_TOKEN_NO_END INT64_MAX /* the last by expiry */

/* Where something stands in an order: by number, or by label, and then by id. */
struct jt_token_place {
	int64_t number;            /* created_ns; last_used_s; expires_s. By label: 0 */
	char label[JT_LABEL_SIZE]; /* by label: as jt_text_fold makes it; else "" */
	struct jt_id id;
};

/* Which index: one an order, and those of a maker, a role or a kind, which are in the order of creation. */
enum jt_token_path {
	JT_TOKENS_ALONG_CREATED,
	JT_TOKENS_ALONG_LABEL,
	JT_TOKENS_ALONG_LAST_USED,
	JT_TOKENS_ALONG_EXPIRES,
	JT_TOKENS_ALONG_USER,
	JT_TOKENS_ALONG_TOKEN,
	JT_TOKENS_ALONG_ROLE,
	JT_TOKENS_ALONG_KIND,
	JT_TOKENS_PATHS
};
struct jt_token_way {
	enum jt_token_path path;
	struct jt_id by;  /* of USER, TOKEN, ROLE */
	const char *kind; /* of KIND */
	bool descending;
	const struct jt_token_place *from; /* only beyond it; NULL: from the start */
	int64_t limit;                     /* entries at most */
};

/* An entry. What the index does not hold is not known. */
struct jt_token_step {
	struct jt_id id;
	int64_t number;    /* as in jt_token_place */
	const char *label; /* folded; NULL: not known. Until the next step */
	bool end_known;
	int64_t expires_s; /* JT_TOKEN_NO_END: never */
};

struct jt_token_walk;
/* `way` need not live longer than the call. JT_DB, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_token_walk_open(
	struct jt_db *db, const struct jt_id *org, const struct jt_token_way *way, struct jt_token_walk **out);
/* JT_OK, JT_DONE or an error. */
JT_MUST_USE enum jt_result jt_token_walk_next(struct jt_token_walk *w, struct jt_token_step *out);
/* NULL is taken. */
void jt_token_walk_close(struct jt_token_walk *w);

#endif
