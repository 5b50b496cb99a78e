/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_QUERY_H
#define JT_HTTP_QUERY_H

#include "http/op.h"
#include "http/target.h"

/* Every parameter is one that the operation takes, and of its form. JT_VALIDATION with every wrong one. */
JT_MUST_USE enum jt_result jt_query_check(const struct jt_op *op, const struct jt_target *target, struct jt_why *why);

#endif
