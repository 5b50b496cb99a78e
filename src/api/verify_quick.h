/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_VERIFY_QUICK_H
#define JT_API_VERIFY_QUICK_H

#include "http/quick.h"
#include "policy/policy.h"

/* The `quick` of verify_token: lets in whom verify.c would let in, with the same headers, and leaves all else to it. */
bool jt_api_verify_quick(const struct jt_quick_ask *ask, struct jt_quick *out);

#define JT_API_SCOPES_MAX 4096 /* of X-Jeton-Scopes, terminated; of those that are not asked for by name, 3 KiB */

/* X-Jeton-Scopes, terminated: the `count` scopes that were asked for; if none were, all that are held, or "" if these are too many
 * for a header. Returns its size. */
size_t jt_api_verify_scopes(const struct jt_policy *p, const struct jt_scopes *held, const char *const *asked,
	size_t count, char out[JT_API_SCOPES_MAX]);

#endif
