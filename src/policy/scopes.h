/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_POLICY_SCOPES_H
#define JT_POLICY_SCOPES_H

#include <stdbool.h>
#include <stdint.h>

/* A set of scopes: one bit each, at most JT_SCOPES_MAX. A plain value: copy it, compare it with jt_scopes_equal. */
#define JT_SCOPES_MAX 512
#define JT_SCOPE_NAME_MAX 64

struct jt_scopes {
	uint64_t word[JT_SCOPES_MAX / 64];
};

/* `bit` is below JT_SCOPES_MAX. */
void jt_scopes_add(struct jt_scopes *s, unsigned bit);
bool jt_scopes_has(const struct jt_scopes *s, unsigned bit);
/* In place: what is in either, in both, in `s` alone. */
void jt_scopes_unite(struct jt_scopes *s, const struct jt_scopes *with);
void jt_scopes_cut(struct jt_scopes *s, const struct jt_scopes *to);
void jt_scopes_minus(struct jt_scopes *s, const struct jt_scopes *less);
bool jt_scopes_equal(const struct jt_scopes *a, const struct jt_scopes *b);
bool jt_scopes_empty(const struct jt_scopes *s);
unsigned jt_scopes_count(const struct jt_scopes *s);
/* The first bit of `wanted` that `held` lacks, or -1. */
int jt_scopes_missing(const struct jt_scopes *held, const struct jt_scopes *wanted);

#endif
