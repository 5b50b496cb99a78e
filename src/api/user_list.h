/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_API_USER_LIST_H
#define JT_API_USER_LIST_H

#include "http/call.h"

/* GET rbac/users: jt_op.run. */
JT_MUST_USE enum jt_result jt_api_list_users(struct jt_call *c, struct jt_tx *tx);

#endif
