/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/note.h"

#include <stdlib.h>

enum jt_result jt_note(struct jt_tx *tx, const struct jt_actor *who, const char *operation, const char *target_type,
	const char *target, json_t *detail)
{
	struct jt_audit_entry e = {.operation = operation, .target_type = target_type, .target = target};
	enum jt_result r = JT_NOMEM;
	char *text = NULL;

	if (detail == NULL)
		return JT_NOMEM;
	text = json_dumps(detail, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(detail);
	if (text == NULL)
		return JT_NOMEM;
	e.detail = text;
	r = jt_audit(tx, who, &who->caller.org, &e);
	free(text);
	return r;
}

enum jt_result jt_note_id(struct jt_tx *tx, const struct jt_actor *who, const char *operation, const char *target_type,
	const struct jt_id *target, json_t *detail)
{
	char text[JT_ID_TEXT_SIZE];

	return jt_note(tx, who, operation, target_type, jt_id_text(target, text), detail);
}
