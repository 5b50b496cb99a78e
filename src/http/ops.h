/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_OPS_H
#define JT_HTTP_OPS_H

#include "http/op.h"

/* What a server answers about itself: /healthz, /readyz, /metrics, /openapi.json. Ends with a NULL id. */
extern const struct jt_op jt_server_ops[];

#endif
