/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_TOKEN_SEARCH_H
#define JT_STORE_TOKEN_SEARCH_H

#include "store/token_list.h"

/* Between token_list.c, which walks, token_set.c, which sorts a few, and token_fit.c, which judges one. */
struct jt_token_search {
	struct jt_db *db;
	const struct jt_id *org;
	const struct jt_token_filter *f;
	const struct jt_token_wish *wish;
	struct jt_token_found *out;
	int64_t end_from, end_to; /* the expiry must lie there, both included */
	int64_t from, to;         /* so must the number of the order: outside, nothing can fit */
	bool of_team;             /* all that is considered is of the team that is asked for */
};

/* Of a row. */
struct jt_token_facts {
	int64_t created_ns, expires_s; /* JT_TOKEN_NO_END */
	char label[JT_LABEL_SIZE];     /* folded */
};

/* What an index entry says: false if the row behind it cannot fit. */
bool jt_token_step_fits(const struct jt_token_search *s, const struct jt_token_step *step);
/* Must the rows behind this path's entries be looked at? */
bool jt_token_must_look(const struct jt_token_search *s, enum jt_token_path path);
/* The row itself; *fits is false too if there is none, or it is not listed. Adds to the work. `facts` is filled if it fits. */
JT_MUST_USE enum jt_result jt_token_row_fits(
	struct jt_token_search *s, const struct jt_id *id, bool *fits, struct jt_token_facts *facts);
/* When it was last used, or JT_TOKEN_NEVER_USED. Adds to the work. */
JT_MUST_USE enum jt_result jt_token_use(struct jt_token_search *s, const struct jt_id *id, int64_t *last_used_s);
/* What the row alone does not say: teams, and use if the path does not say it. Adds to the work. */
JT_MUST_USE enum jt_result jt_token_rest_fits(
	struct jt_token_search *s, const struct jt_id *id, enum jt_token_path path, bool *fits);

/* Finds the page among those that one of the filters lets through, if that can be done with the work that is left. JT_DONE: it cannot,
 * and *out is as it was, but for the work. */
JT_MUST_USE enum jt_result jt_token_list_few(struct jt_token_search *s);

#endif
