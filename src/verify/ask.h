/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_VERIFY_ASK_H
#define JT_VERIFY_ASK_H

#include "jeton.h"

#include "policy/decide.h"
#include "table/find.h"
#include "table/records.h"

/* The whole decision in one pass over a view, without a lock, a system call or an allocation: what libjeton answers with. It
 * decides what policy/decide.h specifies; test/matrix holds the two against each other. */

/* A name that was looked up once. What it came to is good for one table file, and is looked up anew in the next. */
struct jt_term {
	_Atomic uint64_t found; /* the file's tag above, what was found below; another file's tag: not yet */
	struct jt_id org;       /* of an app or a team */
	struct jt_id id;        /* an org's or a team's */
	const char *name;       /* a scope's or an app's, in the same allocation */
	size_t length;
};

/* What include/jeton.h shows of them. */
struct jeton_scope {
	struct jt_term term;
};
struct jeton_org {
	struct jt_term term;
};
struct jeton_app {
	struct jt_term term;
};
struct jeton_team {
	struct jt_term term;
};

struct jt_asked {
	uint64_t as_of; /* the table showed every change up to this one when it was asked */
	uint64_t instance;
	uint32_t org, token; /* elements in that file; 0: not known */
	uint32_t entry;      /* in HOT, of a value that was found */
	uint32_t missing;    /* index of the scope that refused */
	uint64_t word;       /* of that entry */
	uint32_t moves;      /* the lower half of jt_moves() for which it was decided */
	int64_t now_s;       /* the second UTC that it was decided for */
	int64_t expires_s;   /* of the value; 0: never */
};

/* One look at `v`. JT_STEP_STALE: it cannot be believed (retired, poisoned, past its lease); JT_STEP_BEHIND: it does not show
 * ask->min_seq yet. What else is refused may be due to `v` having been retired meanwhile: ask its successor then. */
enum jt_step jt_ask_view(const struct jt_view *v, const uint8_t digest[JT_DIGEST_SIZE], const struct jeton_request *ask,
	struct jt_asked *out);
/* Whether `v` lives: if not, what it refused says nothing. */
bool jt_ask_lives(const struct jt_view *v);
/* What the value that `asked` found holds at `ask`'s place, all of it, as v->policy has it. Not visible: the place is not there, the
 * value is no longer what was found, or too much changes: ask anew. */
void jt_ask_grant(
	const struct jt_view *v, const struct jt_asked *asked, const struct jeton_request *ask, struct jt_grant *out);

/* Which file a term's finding is of. Never 0, so that a new term belongs to none. */
static inline uint32_t jt_term_tag(const struct jt_view *v)
{
	return (uint32_t)v->instance | 1;
}

/* Looks a term up in `v` and keeps what was found; each answers 0 if there is no such thing. */
uint32_t jt_term_look_scope(struct jt_term *t, const struct jt_view *v);
uint32_t jt_term_look_org(struct jt_term *t, const struct jt_view *v);
uint32_t jt_term_look_team(struct jt_term *t, const struct jt_view *v);
uint32_t jt_term_look_app(struct jt_term *t, const struct jt_view *v);

/* What a term is in `v`: a scope's facts, an element. 0: there is no such thing. */
static inline uint32_t jt_term_is(
	struct jt_term *t, const struct jt_view *v, uint32_t (*look)(struct jt_term *t, const struct jt_view *v))
{
	/* Another thread may have found it: then the record that it found is whole for this one, too. */
	uint64_t found = atomic_load_explicit(&t->found, memory_order_acquire);

	return (uint32_t)(found >> 32) == jt_term_tag(v) ? (uint32_t)found : look(t, v);
}

/* A scope's facts: its bit, which kinds may hold it, which hold it though limited, its marks. */
#define JT_TERM_KNOWN 0x80000000U
#define JT_TERM_BIT(t) ((t)&511)
#define JT_TERM_MAY(t, kind) (((t) >> (9 + (kind)) & 1) != 0)
#define JT_TERM_OWN(t, kind) (((t) >> (16 + (kind)) & 1) != 0)
#define JT_TERM_EVERYONE 0x00800000U
#define JT_TERM_BY_TEAM 0x01000000U
#define JT_TERM_OWNER_ONLY 0x02000000U

#endif
