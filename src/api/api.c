/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <pthread.h>
#include <stddef.h>

#define OPS_MAX 128

static const struct jt_op *const TABLES[] = {jt_api_account, jt_api_session, jt_api_credentials, jt_api_org,
	jt_api_tokens, jt_api_roles, jt_api_catalogue, jt_api_users, jt_api_saml, jt_api_invitations, jt_api_teams,
	jt_api_apps, jt_api_audit, jt_api_verify, jt_api_introspect, jt_api_oauth, jt_api_explain, jt_api_web, NULL};

static const struct jt_op *ops[OPS_MAX + 1];

static void gather(void)
{
	size_t n = 0;

	for (size_t i = 0; TABLES[i] != NULL; i++)
		for (const struct jt_op *op = TABLES[i]; op->id != NULL && n < OPS_MAX; op++)
			ops[n++] = op;
}

const struct jt_op *const *jt_api_ops(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, gather);
	return ops;
}
