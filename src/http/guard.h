/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_GUARD_H
#define JT_HTTP_GUARD_H

#include "http/request.h"

/* Operations that take a password or the secret of a link are limited by address and by what is guessed at. Only failures
 * count. */

#define JT_GUARD_ADDRESS_BURST 60
#define JT_GUARD_ADDRESS_SECONDS 5 /* until one failure is forgiven */
#define JT_GUARD_ACCOUNT_BURST 10
#define JT_GUARD_ACCOUNT_SECONDS 30

/* JT_TOO_MANY with why->retry_after_s. */
JT_MUST_USE enum jt_result jt_guard_enter(struct jt_http_request *r);
/* When r->result is known. */
void jt_guard_leave(struct jt_http_request *r);

#endif
