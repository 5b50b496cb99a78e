/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_VERIFY_INSIDE_H
#define JT_VERIFY_INSIDE_H

#include "table/find.h"
#include "verify/verify.h"

#include <pthread.h>

/* For the files of this folder alone. */
struct jt_verify {
	struct jt_table *table;
	const struct jt_policy *policy;
	pthread_rwlock_t lock; /* of `policy` */
	char brand[JT_BRAND_MAX + 1];
};

/* Known by a value, and so good only as long as that value is; else by what was proved otherwise. */
bool jt_came_with_value(const struct jt_caller *who);

/* A role as it counts for its holder. */
struct jt_verify_role_facts {
	bool known;
	enum jt_reach reach; /* TEAMS if not known: the less */
	struct jt_scopes scopes, in_team;
};

/* What the role at an element grants. Not known, or damaged: no scopes. */
void jt_verify_role_facts(const struct jt_view *v, uint32_t role, struct jt_verify_role_facts *out);

#endif
