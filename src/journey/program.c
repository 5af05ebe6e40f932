/* SPDX-License-Identifier: Apache-2.0 */
/* See program.h. The lowering of indented steps; what instructions do is the run's. */
#include "journey/program.h"

#include "base/vec.h"

#include <stdlib.h>

struct lowering {
    struct program *program;
    struct instruction_list *list;
    const struct journey *scope;
};

static uint32_t emit(struct lowering *lowering, enum instruction_code code, const struct step *step)
{
    vec_push(lowering->list,
             ((struct instruction){.code = code, .step = step, .scope = lowering->scope}));
    return (uint32_t)lowering->list->count - 1;
}

static uint32_t here(const struct lowering *lowering)
{
    return (uint32_t)lowering->list->count;
}

static void lower_step(struct lowering *lowering, const struct step *step);

static void lower_use(struct lowering *lowering, const struct step *step)
{
    const struct journey *scope = lowering->scope;
    uint32_t use = emit(lowering, INSTRUCTION_USE, step);
    lowering->scope = step->used;
    for (size_t i = 0; i < step->used->step_count; i++) lower_step(lowering, &step->used->steps[i]);
    lowering->scope = scope;
    emit(lowering, INSTRUCTION_USED, step);
    lowering->list->items[use].target = here(lowering);
}

static void lower_request(struct lowering *lowering, const struct step *step)
{
    uint32_t fetch = emit(lowering, INSTRUCTION_FETCH, step);
    uint32_t judge = emit(lowering, INSTRUCTION_JUDGE, step);
    lowering->list->items[judge].target = fetch;
    emit(lowering, INSTRUCTION_CAPTURE, step);
}

static void lower_side(struct lowering *lowering, const struct step *step)
{
    if (!step->undo_count) return;
    struct instruction_list *list = lowering->list;
    struct program_side side = {.step = step};
    lowering->list = &side.undo;
    for (size_t i = 0; i < step->undo_count; i++) lower_step(lowering, &step->undo[i]);
    emit(lowering, INSTRUCTION_STOP, NULL);
    if (step->find) {
        lowering->list = &side.find;
        lower_step(lowering, step->find);
        emit(lowering, INSTRUCTION_STOP, NULL);
    }
    lowering->list = list;
    size_t count = lowering->program->side_count;
    struct program_side *sides = lowering->program->sides;
    sides = xrealloc(sides, (count + 1) * sizeof(*sides));
    sides[count] = side;
    lowering->program->sides = sides;
    lowering->program->side_count = count + 1;
}

static void lower_step(struct lowering *lowering, const struct step *step)
{
    uint32_t each = step->each_name ? emit(lowering, INSTRUCTION_EACH, step) : 0;
    uint32_t begin = emit(lowering, INSTRUCTION_BEGIN, step);
    switch (step->kind) {
    case STEP_REQUEST: lower_request(lowering, step); break;
    case STEP_USE: lower_use(lowering, step); break;
    case STEP_PAUSE: emit(lowering, INSTRUCTION_PAUSE, step); break;
    }
    emit(lowering, INSTRUCTION_END, step);
    lowering->list->items[begin].target = here(lowering);
    if (step->each_name) {
        uint32_t next = emit(lowering, INSTRUCTION_NEXT, step);
        lowering->list->items[next].target = begin;
        lowering->list->items[each].target = here(lowering);
    }
    lower_side(lowering, step);
}

struct program *program_lower(const struct journey *journey)
{
    struct program *program = NEW(struct program);
    struct lowering lowering = {.program = program, .list = &program->steps, .scope = journey};
    for (size_t i = 0; i < journey->step_count; i++) lower_step(&lowering, &journey->steps[i]);
    emit(&lowering, INSTRUCTION_STOP, NULL);
    lowering.list = &program->finally;
    for (size_t i = 0; i < journey->finally_count; i++) lower_step(&lowering, &journey->finally[i]);
    emit(&lowering, INSTRUCTION_STOP, NULL);
    return program;
}

void program_free(struct program *program)
{
    if (!program) return;
    for (size_t i = 0; i < program->side_count; i++) {
        vec_release(&program->sides[i].undo);
        vec_release(&program->sides[i].find);
    }
    free(program->sides);
    vec_release(&program->steps);
    vec_release(&program->finally);
    free(program);
}

const struct program_side *program_side_of(const struct program *program, const struct step *step)
{
    for (size_t i = 0; i < program->side_count; i++) {
        if (program->sides[i].step == step) return &program->sides[i];
    }
    return NULL;
}
