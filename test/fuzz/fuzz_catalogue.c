/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "base/secret.h"
#include "catalogue/catalogue.h"

#include <stdlib.h>
#include <string.h>

/* Whatever the bytes: a policy that agrees with itself, or a reason that names the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jt_catalogue_error error;
	struct jt_policy *p = NULL;
	uint16_t bits[JT_SCOPES_MAX];
	enum jt_result r = jt_catalogue_parse("fuzz.yaml", (const char *)data, size, &p, &error);

	if (r == JT_MALFORMED && strncmp(error.text, "fuzz.yaml:", 10) != 0)
		abort();
	if ((r == JT_OK) != (p != NULL))
		abort();
	if (p) {
		/* Bits the other way round: what each role holds must stay the same by name. */
		unsigned before = jt_scopes_count(&p->role[0].scopes);

		for (unsigned i = 0; i < p->scope_count; i++)
			bits[i] = (uint16_t)(JT_SCOPES_MAX - 1 - i);
		jt_catalogue_assign(p, bits);
		if (p->scope_count == 0 || jt_scopes_count(&p->role[0].scopes) != before || !jt_policy_super_admin(p))
			abort();
	}
	jt_catalogue_free(p);
	return 0;
}
