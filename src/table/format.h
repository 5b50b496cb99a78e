/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_FORMAT_H
#define JT_TABLE_FORMAT_H

#include "base/id.h"
#include "policy/scopes.h"
#include "token/token.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The bytes of a table file, as doc/formats/table.md describes them. One process writes them, any number read them, mapped
 * read-only. Integers are little-endian. What may change after a record was published is _Atomic, and changes by one store. */

#define JT_TABLE_MAGIC 0x31304c4254544e4aULL /* "JNTTBL01" */
#define JT_TABLE_VERSION 3
#define JT_TABLE_LAYOUT 0x01020304U /* reads otherwise in another byte order */
#define JT_TABLE_PAGE 4096          /* every section begins on one */
#define JT_TABLE_LIVE_AT 1024       /* where struct jt_table_live stands */

/* X(NAME, bytes of an element). In the records element 0 stands for "none"; slots hold elements found by a hash. */
#define JT_SECTIONS(X) \
	X(VOCABULARY, 1) /* the brand and what the catalogue says (vocabulary.h) */ \
	X(ORG, 32) \
	X(ORG_SLOT, 4) \
	X(ROLE, 32) \
	X(ROLE_SLOT, 4) \
	X(SET, 320) /* what a role grants; never changed, replaced */ \
	X(USER, 48) \
	X(USER_SLOT, 4) \
	X(TEAM, 32) \
	X(TEAM_SLOT, 4) \
	X(MEMBER, 24) \
	X(MEMBER_SLOT, 4) \
	X(APP, 24) \
	X(APP_SLOT, 4) \
	X(TEXT, 1)       /* names of apps */ \
	X(LIST, 4)       /* teams of limited tokens: count, check, elements of TEAM */ \
	X(TOKEN_ID, 16)  /* the cold side of a token, in three sections with one index: its id, */ \
	X(TOKEN_LINK, 8) /* its entries: low half of the current value, high half of the one in overlap, */ \
	X(TOKEN_REF, 8)  /* of its id: its user, its element of LIST, or 0 */ \
	X(TOKEN_SLOT, 4) \
	X(HOT, 32) /* entries, two to a cache line, found by the digest of a value */

enum jt_section {
#define JT_SECTION_ENUM(name, size) JT_SECTION_##name,
	JT_SECTIONS(JT_SECTION_ENUM)
#undef JT_SECTION_ENUM
		JT_SECTION_COUNT
};

struct jt_table_span {
	uint64_t at;   /* bytes from the start of the file */
	uint64_t room; /* elements */
};

/* Written before the file is published, never after. */
struct jt_table_head {
	uint64_t magic;
	uint32_t version, layout;
	uint64_t instance;   /* random: which file this is */
	struct jt_id store;  /* which database it shows */
	struct jt_id boot;   /* of the kernel under which it was written */
	uint64_t size;       /* of the file, bytes */
	int64_t epoch_s;     /* second UTC from which expiries are counted */
	uint64_t seed;       /* of the hashes */
	uint64_t vocabulary; /* bytes of VOCABULARY that are in use */
	struct jt_table_span span[JT_SECTION_COUNT];
	uint8_t check[JT_DIGEST_SIZE]; /* SHA-256 of all this with `check` zero, and of the vocabulary */
};

/* The state of a file. Any other value refuses. */
#define JT_TABLE_LIVES 0x4a65746f6e4c6976ULL
#define JT_TABLE_RETIRED 0x5265746972656421ULL  /* its successor is at the path */
#define JT_TABLE_POISONED 0x506f69736f6e6564ULL /* it could not be kept: refuse until there is a successor */

/* What goes on. The first line is read by every verification. */
struct jt_table_live {
	_Alignas(64) _Atomic uint64_t state;
	_Atomic uint64_t seq;   /* sealed: the last change that is shown whole, */
	_Atomic uint64_t nonce; /* and its nonce */
	_Atomic uint64_t moves; /* stores so far that changed what an org, role, user, team, membership or app is */
	_Alignas(64) _Atomic uint64_t fresh_until;            /* sealed: CLOCK_BOOTTIME at which the lease ends, ms */
	_Atomic uint64_t utc_minus_boot;                      /* sealed: ms */
	_Alignas(64) _Atomic uint32_t used[JT_SECTION_COUNT]; /* elements given out */
	_Atomic uint32_t tokens;                              /* that are not dropped */
	_Atomic uint32_t burnt;                               /* words that jt_table_burn has put to death */
};

_Static_assert(sizeof(struct jt_table_head) <= JT_TABLE_LIVE_AT, "the head stands before what is live");
_Static_assert(JT_TABLE_LIVE_AT + sizeof(struct jt_table_live) <= JT_TABLE_PAGE, "both are one page");

/* 32 bits beside their complement, so that damage is noticed. */
static inline uint64_t jt_pair(uint32_t value)
{
	return (uint64_t)value | (uint64_t)~value << 32;
}

/* Is it one? */
static inline bool jt_pair_is(uint64_t pair)
{
	return (uint32_t)pair == (uint32_t) ~(pair >> 32);
}

#define JT_SEAL 0x5a5a

/* 48 bits, sealed with 16 bits, so that damage is noticed: the four quarters of the word XOR to JT_SEAL. */
static inline uint64_t jt_seal(int64_t value)
{
	uint64_t word = (uint64_t)value << 16;

	return word | (uint16_t)(word >> 48 ^ word >> 32 ^ word >> 16 ^ JT_SEAL);
}

/* Is it one? Zero is none. */
static inline bool jt_seal_is(uint64_t word)
{
	word ^= word >> 32;
	return (uint16_t)(word ^ word >> 16) == JT_SEAL;
}

/* What is sealed. */
static inline int64_t jt_sealed(uint64_t word)
{
	return (int64_t)word >> 16;
}

/* The state of an org, a team, a user. */
enum jt_record_state { JT_RECORD_NONE, JT_RECORD_ACTIVE, JT_RECORD_INACTIVE, JT_RECORD_GONE };

struct jt_org_record {
	struct jt_id id;
	_Atomic uint64_t state; /* pair */
	_Atomic uint64_t owner; /* of this id: element of USER */
};

struct jt_role_record {
	struct jt_id id;
	uint32_t org; /* 0: managed, of every org */
	uint32_t check;
	_Atomic uint64_t set; /* pair: element of SET; 0: grants nothing */
};

struct jt_set_word {
	uint64_t held, not_held; /* complements */
};

#define JT_SET_WORDS (JT_SCOPES_MAX / 64)

struct jt_set_record {
	struct jt_set_word scopes[JT_SET_WORDS];
	struct jt_set_word in_team[JT_SET_WORDS]; /* where the role is held in a team */
	uint64_t reach;                           /* pair: enum jt_reach */
	uint64_t spare[7];
};

struct jt_user_record {
	struct jt_id id;
	uint32_t org, check;
	_Atomic uint64_t role;    /* pair: JT_USER_STATE above the element of ROLE */
	_Atomic uint64_t token;   /* pair: the personal token's element, 0: none */
	_Atomic uint64_t members; /* pair: the newest of its memberships */
};

#define JT_USER_STATE 30 /* bits below the state in jt_user_record.role */

struct jt_team_record {
	struct jt_id id;
	uint32_t org, check;
	_Atomic uint64_t state; /* pair */
};

struct jt_member_record {
	uint32_t user, team;
	uint32_t next;         /* the user's membership before this one; 0: none */
	uint32_t check;        /* of the three */
	_Atomic uint64_t role; /* pair: element of ROLE, JT_THERE set while it stands */
};

struct jt_app_record {
	uint32_t org, text, length; /* its name: TEXT from `text` on */
	uint32_t check;
	_Atomic uint64_t team; /* pair: element of TEAM (0: in none), JT_THERE set while it stands */
};

#define JT_THERE 0x80000000U

/* All that can change about a value is `word`: one store. 0: free. */
struct jt_hot_entry {
	uint64_t digest[2]; /* the first 128 bits of the value's SHA-256 */
	_Atomic uint64_t word;
	uint32_t org;
	uint32_t token; /* its cold side */
};

_Static_assert(sizeof(struct jt_hot_entry) == 32, "two to a cache line");

/* The word: expiry (32 bits: seconds from the epoch, 0: never), kind (3), role (17), limited, owner, state (2), check (8). */
enum jt_value_state { JT_VALUE_FREE, JT_VALUE_LIVES, JT_VALUE_REVOKED, JT_VALUE_USER_OFF };

#define JT_WORD_KIND 32
#define JT_WORD_ROLE 35
#define JT_WORD_LIMITED 52
#define JT_WORD_OWNER 53
#define JT_WORD_STATE 54
#define JT_WORD_CHECK 56
#define JT_TABLE_ROLES_MAX ((1U << 17) - 1)
#define JT_WORD_ROLE_MASK JT_TABLE_ROLES_MAX
#define JT_WORD_SEAL 0x5a /* what the bytes of the word, org and token come to when they are XORed */

/* All bytes of the word and of its neighbours XORed: any damaged byte shows. */
static inline uint8_t jt_word_fold(uint64_t word, uint32_t org, uint32_t token)
{
	uint64_t all = word ^ ((uint64_t)org | (uint64_t)token << 32);

	all ^= all >> 32;
	all ^= all >> 16;
	all ^= all >> 8;
	return (uint8_t)all;
}

/* Do word and neighbours belong together? */
static inline bool jt_word_is_sound(uint64_t word, uint32_t org, uint32_t token)
{
	return jt_word_fold(word, org, token) == JT_WORD_SEAL;
}

/* Seconds from the epoch; 0: never; JT_EXPIRY_BURNT: dead whatever the time is said to be. */
static inline uint32_t jt_word_expiry(uint64_t word)
{
	return (uint32_t)word;
}

#define JT_EXPIRY_BURNT 1 /* what lay before the epoch, and what had expired when the clock was stepped back */

/* Has it expired at `now_s`? */
static inline bool jt_word_expired(uint64_t word, int64_t epoch_s, int64_t now_s)
{
	uint32_t expiry = jt_word_expiry(word);

	return expiry != 0 && (expiry == JT_EXPIRY_BURNT || now_s >= epoch_s + (int64_t)expiry);
}

/* The second UTC from which it no longer lives, of what is burnt a long gone one; 0: never. */
static inline int64_t jt_word_expires_s(uint64_t word, int64_t epoch_s)
{
	uint32_t expiry = jt_word_expiry(word);

	return expiry > JT_EXPIRY_BURNT ? epoch_s + (int64_t)expiry : (int64_t)expiry;
}

/* An enum jt_kind, if it is below JT_KIND_COUNT. */
static inline unsigned jt_word_kind(uint64_t word)
{
	return (unsigned)(word >> JT_WORD_KIND) & 7;
}

/* An element of ROLE: of a personal token, that of its user. */
static inline uint32_t jt_word_role(uint64_t word)
{
	return (uint32_t)(word >> JT_WORD_ROLE) & JT_WORD_ROLE_MASK;
}

/* Limited to teams? */
static inline bool jt_word_limited(uint64_t word)
{
	return (word >> JT_WORD_LIMITED & 1) != 0;
}

/* The personal token of the org's owner? */
static inline bool jt_word_owner(uint64_t word)
{
	return (word >> JT_WORD_OWNER & 1) != 0;
}

/* What has become of the value. */
static inline enum jt_value_state jt_word_state(uint64_t word)
{
	return (enum jt_value_state)(word >> JT_WORD_STATE & 3);
}

/* A word of these parts, sealed for the entry that holds `org` and `token`. */
static inline uint64_t jt_word_make(uint32_t expiry, enum jt_kind kind, uint32_t role, bool limited, bool owner,
	enum jt_value_state state, uint32_t org, uint32_t token)
{
	uint64_t word = (uint64_t)expiry | (uint64_t)kind << JT_WORD_KIND |
			(uint64_t)(role & JT_WORD_ROLE_MASK) << JT_WORD_ROLE | (uint64_t)limited << JT_WORD_LIMITED |
			(uint64_t)owner << JT_WORD_OWNER | (uint64_t)state << JT_WORD_STATE;

	return word | (uint64_t)(jt_word_fold(word, org, token) ^ JT_WORD_SEAL) << JT_WORD_CHECK;
}

/* The same word with another expiry. */
static inline uint64_t jt_word_until(uint64_t word, uint32_t expiry, uint32_t org, uint32_t token)
{
	return jt_word_make(expiry, (enum jt_kind)jt_word_kind(word), jt_word_role(word), jt_word_limited(word),
		jt_word_owner(word), jt_word_state(word), org, token);
}

_Static_assert(JT_KIND_COUNT <= 8, "a kind is three bits");

/* Spreads 64 bits (the finaliser of MurmurHash3, public domain). */
static inline uint64_t jt_mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

/* Where of `room` places a hash stands, by its upper half and without a division (multiply-shift). */
static inline uint32_t jt_place_of(uint64_t hash, uint32_t room)
{
	return (uint32_t)((hash >> 32) * room >> 32);
}

/* The hash of an id within an org (0 for what stands above orgs). Ids are ours, not a stranger's to choose. */
static inline uint64_t jt_id_hash(uint64_t seed, uint32_t org, const struct jt_id *id)
{
	uint64_t half[2];

	__builtin_memcpy(half, id->b, sizeof(half));
	return jt_mix(half[0] ^ seed) ^ jt_mix(half[1] + org);
}

/* The check in a record, of what in it never changes and of where it stands. */
static inline uint32_t jt_record_check(uint64_t a, uint64_t b, uint64_t at)
{
	return (uint32_t)jt_mix(jt_mix(a + at) ^ b);
}

/* The same of a record with an id. */
static inline uint32_t jt_id_check(const struct jt_id *id, uint32_t org, uint32_t at)
{
	uint64_t half[2];

	__builtin_memcpy(half, id->b, sizeof(half));
	return jt_record_check(half[0], half[1], (uint64_t)org << 32 | at);
}

/* An element that what has this id, and stands at `at`, refers to, beside 16 bits of its check; sealed. So an id has a check for
 * whoever is told of it, where there is no room for another, and who wants the element alone need not look at it. */
static inline uint64_t jt_ref_of(const struct jt_id *id, uint32_t at, uint32_t element)
{
	return jt_seal((int64_t)((uint64_t)(uint16_t)jt_id_check(id, 0, at) << 32 | element));
}

/* The element; 0: none, or damaged. */
static inline uint32_t jt_ref_element(uint64_t ref)
{
	return jt_seal_is(ref) ? (uint32_t)(ref >> 16) : 0;
}

/* Is it of the id that stands at `at`? */
static inline bool jt_ref_is_of(uint64_t ref, const struct jt_id *id, uint32_t at)
{
	return jt_seal_is(ref) && (uint16_t)(ref >> 48) == (uint16_t)jt_id_check(id, 0, at);
}

#endif
