/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_CREDENTIAL_H
#define JT_HTTP_CREDENTIAL_H

#include "base/id.h"

#include <stdbool.h>
#include <stddef.h>

/* What an Authorization header holds. */

#define JT_BASIC_MAX 512 /* of user and password, decoded */

/* "Bearer" and one space or more, then the value (RFC 6750, section 2.1), which lasts to the end. NULL if it is none. */
const char *jt_bearer(const char *authorization);
/* Is it HTTP Basic, whatever follows? */
bool jt_is_basic(const char *authorization);
/* A token and its id as HTTP Basic (RFC 7617), each in the form's encoding (RFC 6749, 2.3.1): true, and the id and the value,
 * which is terminated; wipe it. False if it is something else. */
bool jt_basic(const char *authorization, struct jt_id *id, char value[JT_BASIC_MAX], size_t *size);

#endif
