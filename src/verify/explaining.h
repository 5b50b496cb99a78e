/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_VERIFY_EXPLAINING_H
#define JT_VERIFY_EXPLAINING_H

#include "table/find.h"
#include "verify/explain.h"

/* An explanation while it is made. For the files explain*.c alone. */
struct jt_explaining {
	const struct jt_view *v;
	const struct jt_explain_ask *ask;
	struct jt_explanation *e;
	bool found, hidden;                  /* the value is in the table; the one who asks must not know */
	uint32_t org, token, user;           /* elements */
	uint32_t team;                       /* of the place; 0: none */
	uint64_t word;                       /* of the value */
	const struct jt_set_record *role;    /* of the token or the user at large; NULL: grants nothing */
	const struct jt_set_record *in_team; /* of the user in the place's team */
};

/* One step: says what it found, and whether it passes. */
struct jt_explain_check {
	enum jt_step step;
	const char *check;
	bool (*passes)(struct jt_explaining *x, char *text);
};
/* All of them, in their order. */
extern const struct jt_explain_check jt_explain_checks[JT_EXPLAIN_STEP_COUNT];

/* Appends to a text (printf format); what does not fit is cut at a character. */
void jt_explain_say(char text[JT_EXPLAIN_TEXT_SIZE], const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends "the role CI", "the custom role Nightly". */
void jt_explain_say_role(char text[JT_EXPLAIN_TEXT_SIZE], const struct jt_explain_role *role);
/* Appends "team payments (0190...)". */
void jt_explain_say_team(char text[JT_EXPLAIN_TEXT_SIZE], const struct jt_explain_team *team);
/* Appends `before` and "2 teams (payments, platform)", the first few named. */
void jt_explain_say_teams(char text[JT_EXPLAIN_TEXT_SIZE], const struct jt_explanation *e, const char *before);
/* Fills what is known of a role's or a team's element. */
void jt_explain_role(const struct jt_explaining *x, uint32_t element, struct jt_explain_role *out);
void jt_explain_team(const struct jt_explaining *x, uint32_t element, struct jt_explain_team *out);
/* The step `visible`: finds the place, and says what it is to the holder. Fills x->team and x->in_team. */
bool jt_explain_visible(struct jt_explaining *x, char text[JT_EXPLAIN_TEXT_SIZE]);
/* Judges the i-th scope for a holder and a place that were found. */
void jt_explain_scope(const struct jt_explaining *x, size_t i);
/* The last sentence. */
void jt_explain_conclude(struct jt_explaining *x);

#endif
