/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_CHAIN_H
#define JT_AUTHORITY_CHAIN_H

#include "authority/keys.h"
#include "store/audit.h"

/* How one row of the audit log hangs on the one before: doc/formats/audit.md. */

/* The mac that `row` must have after a row with mac `before` (32 zero bytes for the first). row->mac is not read.
 * JT_WRONG_KEY if the key file lacks row->key_gen; JT_NOMEM. */
JT_MUST_USE enum jt_result jt_chain_mac(const struct jt_keys *keys, const uint8_t before[JT_MAC_SIZE],
	const struct jt_audit_row *row, uint8_t out[JT_MAC_SIZE]);

#endif
