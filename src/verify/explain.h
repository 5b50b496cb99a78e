/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_VERIFY_EXPLAIN_H
#define JT_VERIFY_EXPLAIN_H

#include "policy/decide.h"
#include "table/records.h"
#include "table/view.h"

/* One decision, told step by step to somebody who wants to know why: each step of policy/decide.h with the facts that it was
 * taken on. For people, not for the hot path: it allocates, and looks names up. What it comes to is always what
 * jt_ask_view() answers to the same question. Nothing of the value is in it but the letter of its kind. */

#define JT_EXPLAIN_SCOPES_MAX 100
#define JT_EXPLAIN_TEAMS_MAX 100 /* that are named; those beyond are counted */
#define JT_EXPLAIN_NAME_SIZE 516 /* 128 characters of UTF-8 */
#define JT_EXPLAIN_TEXT_SIZE 1400
#define JT_EXPLAIN_STEP_COUNT 15

/* What is asked, and what the one who asks may learn. */
struct jt_explain_ask {
	const char *token; /* `length` bytes */
	size_t length;
	const struct jt_id *org; /* it must belong to; NULL: to any */
	enum jt_place_kind place;
	struct jt_id team; /* JT_PLACE_TEAM */
	const char *app;   /* JT_PLACE_APP: up to JT_APP_NAME_MAX bytes */
	const char *const *scopes;
	size_t scope_count; /* up to JT_EXPLAIN_SCOPES_MAX */
	uint64_t min_seq;
	/* Of a place that the token does not see nothing is said but that: whoever asks may not know of all there are. */
	bool discreet;
	void *context; /* of the following, which may be NULL */
	/* Whether this token is as unknown to the one who asks. */
	bool (*hides)(void *context, const struct jt_id *org, const struct jt_id *token);
	/* What an org's custom role, or a team, is called; false: not to be told, or not known. */
	bool (*role_name)(
		void *context, const struct jt_id *org, const struct jt_id *id, char out[JT_EXPLAIN_NAME_SIZE]);
	bool (*team_name)(
		void *context, const struct jt_id *org, const struct jt_id *id, char out[JT_EXPLAIN_NAME_SIZE]);
};

enum jt_explain_outcome { JT_EXPLAIN_NOT_REACHED, JT_EXPLAIN_PASSED, JT_EXPLAIN_REFUSED };

struct jt_explain_step {
	enum jt_step step;
	const char *check; /* what passes, as people say it: "not expired"; static */
	enum jt_explain_outcome outcome;
	char text[JT_EXPLAIN_TEXT_SIZE]; /* a sentence; "" if not reached */
};

struct jt_explain_role {
	struct jt_id id; /* none: there is no role, or it is gone */
	bool managed;
	enum jt_reach reach;
	char name[JT_EXPLAIN_NAME_SIZE]; /* "": not known */
};

struct jt_explain_team {
	struct jt_id id;
	char name[JT_EXPLAIN_NAME_SIZE]; /* "": not known */
};

enum jt_explain_through { JT_THROUGH_NOTHING, JT_THROUGH_OWNER, JT_THROUGH_ROLE, JT_THROUGH_TEAM_ROLE };

struct jt_explain_scope {
	char name[JT_SCOPE_NAME_MAX + 1];
	bool judged;       /* the following says what was found; else the decision ended before */
	enum jt_step step; /* ALLOWED, UNKNOWN_SCOPE, SCOPE or PARTIAL */
	bool known;        /* to the catalogue, and then: */
	uint32_t areas;    /* as struct jt_scope's */
	bool everyone, by_team, owner_only;
	bool kind_may;     /* a token of this kind may hold it */
	bool kind_own;     /* this kind holds it at org level though limited */
	bool in_role;      /* the token's or the user's org role has it */
	bool in_team_role; /* the user's role in the team has it there */
	enum jt_explain_through through;
	uint32_t held_by; /* bit i: the policy's managed role i would hold it here */
	char text[JT_EXPLAIN_TEXT_SIZE];
};

struct jt_explanation {
	enum jt_step step; /* the decision */
	size_t missing;    /* the scope that refused, for UNKNOWN_SCOPE, SCOPE and PARTIAL */
	uint64_t as_of;
	int64_t now_s;                 /* the second UTC that was decided for; 0: none was */
	char letter;                   /* of the value's kind; 0: it has not our shape */
	bool shape, checksum;          /* right? */
	bool known;                    /* and then: */
	struct jt_id token, org, user; /* user: of a personal token; else none */
	enum jt_kind kind;
	bool owner;    /* a personal token of the org's owner */
	bool limited;  /* a limited integration token */
	bool confined; /* limited, or the user's role reaches the user's teams alone */
	int64_t expires_s;
	struct jt_explain_role role; /* the token's, or the user's org role */
	size_t teams;                /* of a confined one; how many there are. The first of them: */
	struct jt_explain_team team[JT_EXPLAIN_TEAMS_MAX];
	bool placed;                      /* the following says what was found at the place that was asked about */
	bool place_there;                 /* it exists */
	struct jt_explain_team place;     /* the team, or the app's team (none: in no team) */
	bool among;                       /* one of the token's, or the user's, teams */
	struct jt_explain_role team_role; /* the user's there */
	struct jt_explain_step steps[JT_EXPLAIN_STEP_COUNT]; /* in the order in which they are taken */
	size_t scopes;
	struct jt_explain_scope scope[JT_EXPLAIN_SCOPES_MAX];
	char conclusion[JT_EXPLAIN_TEXT_SIZE];
};

/* Explains what `v` answers; *out is to be freed with free(). The decision is JT_STEP_STALE where `v` was retired meanwhile:
 * then ask its successor. JT_TOO_LONG: too many scopes. JT_BUSY: things change faster than they can be told. JT_NOMEM. */
JT_MUST_USE enum jt_result jt_explain(
	const struct jt_view *v, const struct jt_explain_ask *ask, struct jt_explanation **out);

#endif
