/* SPDX-License-Identifier: Apache-2.0 */
/* A policy's mapping as tables, for its loader and for what is written from them. */
#ifndef SHOPPER_JUDGE_POLICY_LANGUAGE_H
#define SHOPPER_JUDGE_POLICY_LANGUAGE_H

#include "journey/language.h"
#include "judge/policy.h"

extern const char *const cause_words[]; /* ended by NULL */
extern const struct shape policy_shape;
void policy_rule_release(struct policy_rule *rule);

#endif
