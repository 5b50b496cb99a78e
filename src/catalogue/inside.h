/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_CATALOGUE_INSIDE_H
#define JT_CATALOGUE_INSIDE_H

#include "catalogue/tree.h"

/* From the tree to the policy, a section each; for the files of this room. All answer JT_OK or JT_MALFORMED. */

enum jt_need { JT_NEED_IT, JT_MAY_BE };

/* A mapping's child of this type; JT_MALFORMED if it is of another or, where it is needed, absent (*out NULL if it may be). */
JT_MUST_USE enum jt_result jt_section(const struct jt_source *src, struct jt_node *map, const char *key,
	enum jt_node_type type, enum jt_need need, struct jt_node **out);
/* A text of a mapping into `out` (`size` bytes); "" if it may be absent and is. Too long is an error. */
JT_MUST_USE enum jt_result jt_section_text(
	const struct jt_source *src, struct jt_node *map, const char *key, enum jt_need need, char *out, size_t size);
/* A list of scopes that the catalogue has, added to *into. Absent: nothing. */
JT_MUST_USE enum jt_result jt_section_scopes(const struct jt_source *src, const struct jt_policy *p,
	struct jt_node *map, const char *key, struct jt_scopes *into);

/* `areas` and `marks`: the scopes. Ends with the policy indexed. */
JT_MUST_USE enum jt_result jt_read_scopes(const struct jt_source *src, struct jt_node *root, struct jt_policy *p);
/* `kinds`. */
JT_MUST_USE enum jt_result jt_read_kinds(const struct jt_source *src, struct jt_node *root, struct jt_policy *p);
/* `roles` and `token_roles`. */
JT_MUST_USE enum jt_result jt_read_roles(const struct jt_source *src, struct jt_node *root, struct jt_policy *p);

#endif
