/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journey's indented steps lowered to flat lists of instructions, one list each for the steps,
 * every undo, every find, and `finally`. An engine executes them one after the other; only FETCH,
 * PAUSE and a JUDGE whose `until` goes on can wait.
 */
#ifndef SHOPPER_JOURNEY_PROGRAM_H
#define SHOPPER_JOURNEY_PROGRAM_H

#include "journey/journey.h"

/* enum name, what it does */
#define INSTRUCTIONS(X)                                                                            \
    X(BEGIN, "open a step's report; past `target` when `when` does not hold or its cap is met")    \
    X(FETCH, "send the step's request; waits for the answer")                                      \
    X(JUDGE, "hold the answer against the checks; with `until`, waits and goes back to `target`")  \
    X(CAPTURE, "take captures and creates out of the answer")                                      \
    X(PAUSE, "wait as long as the step says")                                                      \
    X(END, "close the step's report")                                                              \
    X(EACH, "evaluate the list of `each`; past `target` when it is empty")                         \
    X(NEXT, "the next element of `each`: back to `target` while there is one")                     \
    X(USE, "set the variables of `with`; past `target` when a kept session serves")                \
    X(USED, "the used steps are through: keep the session")                                        \
    X(STOP, "the end of the list")

enum instruction_code {
#define X(name, help) INSTRUCTION_##name,
    INSTRUCTIONS(X)
#undef X
        INSTRUCTION_COUNT
};

struct instruction {
    enum instruction_code code;
    uint32_t target; /* index in the same list */
    const struct step *step;
    const struct journey *scope; /* whose file the step stands in */
};

struct instruction_list {
    struct instruction *items;
    size_t count, capacity; /* a VEC */
};

struct program {
    struct instruction_list steps;
    struct instruction_list finally; /* a used file lends its steps, not its `finally` */
    struct program_side {            /* of a step with `undo` or `find` */
        const struct step *step;
        struct instruction_list undo, find;
    } * sides;
    size_t side_count;
};

struct program *program_lower(const struct journey *journey) MUST_CHECK;
void program_free(struct program *program);
const struct program_side *program_side_of(const struct program *program,
                                           const struct step *step); /* NULL: none */

#endif
