/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_POLICY_POLICY_H
#define JT_POLICY_POLICY_H

#include "base/id.h"
#include "base/result.h"
#include "policy/scopes.h"
#include "token/token.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the catalogue says, ready to decide with. Immutable once built (src/catalogue/ builds it), so any number of
 * threads may read it. */

#define JT_ROLES_MANAGED_MAX 32
#define JT_ROLE_ALIASES_MAX 6
#define JT_ROLE_ALIAS_MAX 32
#define JT_AREAS_MAX 16

enum jt_reach { JT_REACH_ORG, JT_REACH_TEAMS };

struct jt_scope {
	char name[JT_SCOPE_NAME_MAX + 1]; /* "findings:list" */
	uint16_t bit;                     /* given once by the database, never reused */
	uint32_t areas;                   /* bit i: in area i */
	bool everyone, by_team, owner_only;
};

enum jt_role_use {
	JT_ROLE_FOR_USERS, /* an org role, or by its team aliases a team role */
	JT_ROLE_FOR_TOKENS /* a managed token role: its scopes are all that its kind may hold, unless listed */
};

/* A managed role. Custom roles are rows of an org (src/store/role.h). */
struct jt_role {
	struct jt_id id;
	char name[64];
	char description[256];
	enum jt_role_use use;
	enum jt_reach reach;
	enum jt_kind kind;              /* for tokens */
	char token_type[16];            /* for tokens: what v4 says if it was left out: "access" or "integration" */
	bool super_admin;               /* the role that the owner has, and that only the owner gives */
	unsigned aliases, team_aliases; /* how many; a role without team aliases cannot be held in a team */
	char alias[JT_ROLE_ALIASES_MAX][JT_ROLE_ALIAS_MAX];
	char team_alias[JT_ROLE_ALIASES_MAX][JT_ROLE_ALIAS_MAX];
	struct jt_scopes scopes;  /* held at large */
	struct jt_scopes in_team; /* held where the role is held in a team: `scopes` and what the catalogue adds */
};

struct jt_policy {
	unsigned scope_count;
	struct jt_scope scope[JT_SCOPES_MAX]; /* in the catalogue's order */
	int16_t by_bit[JT_SCOPES_MAX];        /* bit -> index into `scope`, or -1 */
	uint16_t by_name[JT_SCOPES_MAX];      /* indices into `scope`, sorted by name */
	unsigned area_count;
	char area[JT_AREAS_MAX][32];
	struct jt_scopes in_area[JT_AREAS_MAX];
	struct jt_scopes all, everyone, by_team, owner_only;
	struct jt_scopes may[JT_KIND_COUNT]; /* what a token of this kind may hold at all */
	/* Scopes that a kind holds at org level even if limited, because the operations behind them are cut down to what the
	 * token itself made (a service token's tokens:create and tokens:list). */
	struct jt_scopes own[JT_KIND_COUNT];
	uint32_t kind_areas[JT_KIND_COUNT]; /* for the matrix as people read it */
	unsigned role_count;
	struct jt_role role[JT_ROLES_MANAGED_MAX];
	char digest
		[65]; /* SHA-256 of the canonical text, in hex: nodes whose catalogues differ refuse to run together */
};

/* Derives by_bit, by_name, in_area, all and the sets of marks from scope[]. Whoever builds a policy calls it once all scopes
 * and their bits are there. */
void jt_policy_index(struct jt_policy *p);
/* `resource:operation`: each part lower-case letters, digits and underscores, starting with a letter; the operation may be
 * `*`. At most JT_SCOPE_NAME_MAX bytes. */
bool jt_scope_name_is_valid(const char *name, size_t length);
/* NULL if there is no such scope; `length` bytes, need not be terminated. */
const struct jt_scope *jt_policy_scope(const struct jt_policy *p, const char *name, size_t length);
/* The name of a bit, or "" if no scope has it. */
const char *jt_policy_scope_name(const struct jt_policy *p, unsigned bit);
/* Adds what `pattern` names: a scope, or `resource:*` for all scopes of the resource. JT_NOT_FOUND for an unknown scope or
 * resource, JT_MALFORMED for `*:*` and whatever is not of the form. */
JT_MUST_USE enum jt_result jt_policy_expand(const struct jt_policy *p, const char *pattern, struct jt_scopes *into);
/* By id; NULL if no managed role has it. */
const struct jt_role *jt_policy_role(const struct jt_policy *p, const struct jt_id *id);
enum jt_alias_of { JT_ALIAS_ORG, JT_ALIAS_TEAM };
/* By org alias (SUPER_ADMIN ...) or by team alias (TEAM_ADMIN ...); NULL if none. */
const struct jt_role *jt_policy_role_by_alias(const struct jt_policy *p, enum jt_alias_of of, const char *alias);
/* The managed role of tokens of this kind, and the super admin role; NULL if the catalogue has none. */
const struct jt_role *jt_policy_token_role(const struct jt_policy *p, enum jt_kind kind);
const struct jt_role *jt_policy_super_admin(const struct jt_policy *p);

#endif
