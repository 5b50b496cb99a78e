/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_CATALOGUE_CATALOGUE_H
#define JT_CATALOGUE_CATALOGUE_H

#include "policy/policy.h"

/* The YAML file (doc/formats/catalogue.md) -> policy. At most 256 KiB, 2,000 keys a mapping, one document, no anchors,
 * aliases or merge keys, JT_SCOPES_MAX scopes. */

#define JT_CATALOGUE_MAX_BYTES (256 * 1024)

/* What was wrong: "prezero.yaml:12:3: area 'scans': 'apps:craete' is not a scope". */
struct jt_catalogue_error {
	char text[400];
};

/* Reads `size` bytes of YAML; `name` is what errors call the file. The bits of scopes are 0, 1, ... in order of appearance
 * until jt_catalogue_assign. JT_OK and *out, to be freed with jt_catalogue_free; JT_MALFORMED and *error; JT_NOMEM. */
JT_MUST_USE enum jt_result jt_catalogue_parse(
	const char *name, const char *text, size_t size, struct jt_policy **out, struct jt_catalogue_error *error);
/* The same from a file. JT_IO if it cannot be read. */
JT_MUST_USE enum jt_result jt_catalogue_load(
	const char *path, struct jt_policy **out, struct jt_catalogue_error *error);
/* The one that is compiled in (catalogue/prezero.yaml). */
JT_MUST_USE enum jt_result jt_catalogue_default(struct jt_policy **out, struct jt_catalogue_error *error);
/* Gives scopes the bits that the database has given them: bits[i] is for p->scope[i]; every derived set is moved along.
 * Bits are distinct and below JT_SCOPES_MAX. Before the policy is shared. */
void jt_catalogue_assign(struct jt_policy *p, const uint16_t *bits);
/* NULL is taken. */
void jt_catalogue_free(struct jt_policy *p);

#endif
