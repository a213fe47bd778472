/*
 * A plain specification of admission, written rule by rule from semantics.md §4 and the door's own choices: it plays
 * through what would happen, display by display, where the product reckons with sets. Slow, and short of cleverness.
 */
#ifndef LODGE_TESTS_ADMISSION_ORACLE_H
#define LODGE_TESTS_ADMISSION_ORACLE_H

#include "core/admission.h"

struct oracle_verdict {
	enum admission_kind kind;
	enum admission_rejection rejection;
	size_t display;
	bool evict[ADMISSION_DISPLAYS_MAX], victim[ADMISSION_DISPLAYS_MAX],
		preempt[ADMISSION_DISPLAYS_MAX];
};

/* `ordinals` of the displays: told apart from their keys, which the product reads them from. */
struct oracle_verdict oracle_decide(const struct display_policy *policy,
	const struct admission_request *request, const struct admission_desktop *desktop,
	const uint32_t *ordinals);

/* The rule of the contract that the code stands for. */
uint8_t oracle_rule(enum admission_reason_code code);
/* Whether a chain that ends in the code may have led to the outcome. */
bool oracle_explains(const struct admission_decision *decision, enum admission_reason_code code);

#endif
