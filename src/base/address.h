/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BASE_ADDRESS_H
#define JT_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

/* A client's address: 16 bytes, IPv4 as within IPv6. All zero means "none": nobody knows it. */
#define JT_ADDRESS_SIZE 16
#define JT_ADDRESS_TEXT_SIZE 46

struct jt_address {
	uint8_t b[JT_ADDRESS_SIZE];
};

/* Reads IPv4 or IPv6, terminated. False, and *out none, if it is neither, or `::`. */
bool jt_address_parse(const char *text, struct jt_address *out);
/* Writes its one spelling, IPv4 as such, and returns `out`; "" of none. */
const char *jt_address_text(const struct jt_address *a, char out[JT_ADDRESS_TEXT_SIZE]);
bool jt_address_is_none(const struct jt_address *a);

#endif
