/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_ROLE_JSON_H
#define JT_API_ROLE_JSON_H

#include "policy/policy.h"
#include "store/role.h"

#include <jansson.h>

/* Roles and scopes as answers spell them. Each is a new reference, or NULL on want of memory. */
json_t *jt_json_managed_role(const struct jt_policy *p, const struct jt_role *role);
json_t *jt_json_custom_role(const struct jt_role_row *row);
/* The names of a set, sorted. */
json_t *jt_json_scopes(const struct jt_policy *p, const struct jt_scopes *scopes);
/* Both kinds of alias of a managed role; an empty array for NULL. */
json_t *jt_json_aliases(const struct jt_role *role);

#endif
