/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_TOKEN_LIST_H
#define JT_STORE_TOKEN_LIST_H

#include "store/token_walk.h"

/* Which of the listed tokens of an org fit a filter, a page of them, in an order, from a place on. The answer costs no more than
 * it is told to, however many tokens there are and wherever those that fit stand: it walks along the order; where hardly any
 * fit, it takes those that one of the filters lets through, if these are few, and sorts them; where it cannot do either in
 * time, it says what it found so far and where to go on. */

#define JT_TOKENS_EXPIRE_SOON_S (14 * 24 * 3600LL)
/* What an answer may cost: 1 for an entry of an index that is passed, JT_TOKEN_LOOK for a row that is looked at. */
#define JT_TOKEN_WORK_MAX 100000
#define JT_TOKEN_LOOK 10

struct jt_token_filter {
	enum { JT_TOKENS_ALL, JT_TOKENS_OF_USER, JT_TOKENS_OF_TOKEN } of;
	struct jt_id by;         /* OF_USER, OF_TOKEN: who issued them */
	struct jt_id role, team; /* none: any */
	const char *type;        /* NULL: any */
	const char *kind;        /* NULL: any */
	const char *search;      /* anywhere in the label, as jt_text_fold makes it; NULL: any */
	struct jt_id one;        /* this token alone; none: any */
	enum {
		JT_TOKENS_LIVE, /* not expired by now_s */
		JT_TOKENS_LIVE_OR_EXPIRED,
		JT_TOKENS_EXPIRED,
		JT_TOKENS_EXPIRING, /* not expired, but within JT_TOKENS_EXPIRE_SOON_S */
		JT_TOKENS_UNUSED    /* not expired, and never used */
	} state;
	int64_t now_s;
};

struct jt_token_wish {
	enum jt_token_sort order;
	bool descending;
	bool continued; /* only beyond `after` */
	struct jt_token_place after;
	uint64_t skip; /* so many that fit are passed over first */
	size_t limit;  /* so many at most */
	size_t keep;   /* if there are more than `limit`, only so many (1 to limit) */
	int64_t work;  /* JT_TOKEN_WORK_MAX, or INT64_MAX: whatever it costs */
};

struct jt_token_found {
	struct jt_id *id; /* free it */
	size_t count;
	bool more; /* there are, or may be: they are beyond `next`, after `skip` that fit */
	struct jt_token_place next;
	uint64_t skip;
	int64_t work; /* what it cost */
};

/* Fills *out, whose id is NULL or to be freed whatever is returned. */
JT_MUST_USE enum jt_result jt_token_list(struct jt_db *db, const struct jt_id *org, const struct jt_token_filter *f,
	const struct jt_token_wish *wish, struct jt_token_found *out);

#endif
