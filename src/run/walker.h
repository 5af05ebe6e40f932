/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a run, for the files of this floor only: its state, and the doors between its
 * parts.
 *
 *   run.c      life: start, deadline, stop, the sections one after the other, the end
 *   walk.c     the pump and the instructions
 *   request.c  a step made into a request
 *   rules.c    what it may do on its way
 *   checks.c   an answer held against a step
 *   captures.c values taken out of an answer
 *   owed.c     what was created and must be undone
 *   debt.c     the same on paper
 */
#ifndef SHOPPER_RUN_WALKER_H
#define SHOPPER_RUN_WALKER_H

#include "base/vec.h"
#include "journey/operand.h"
#include "journey/program.h"
#include "run/accounts.h"
#include "run/debt.h"
#include "run/run.h"
#include "run/variables.h"

/* A request as it will be sent; owns what `http` points to. */
struct built_request {
    const struct step *step;
    struct http_request http;
    char *url;
    struct buf body;
};

/* Something that the shop may have made for us. Pushed before the request that may make it is sent.
 */
struct owed {
    const struct program_side *side;
    const struct journey *scope;
    struct variables created; /* the values of `creates`, as far as they are known */
    bool sent;                /* bytes of the request left us */
    bool looked;              /* its `find` has brought what there is */
    char id[ID_UUID_SIZE];    /* in the ledger; "": nobody keeps one */
};

enum run_phase { RUN_LEASING, RUN_WALKING, RUN_UNDOING, RUN_FINISHING, RUN_ENDED };

struct run {
    struct engine *engine;
    struct journey *journey;   /* held */
    struct personas *personas; /* held */
    const struct persona *persona;
    struct run_report *report;
    run_done *done;
    void (*walked)(void *context, const struct run_report *report); /* NULL */
    void *context;

    struct variables variables;
    struct lease lease;
    char *base;
    char *base_host;
    char *who;                    /* of the header that introduces the synthetic shopper */
    char *user_agent;             /* the persona's, and ours; NULL: it has none */
    struct http_session *session; /* the shopper's */
    struct http_session *other; /* of an undo or find with `fresh: session`, while its list walks */

    enum run_phase phase;
    const struct instruction_list *list;
    uint32_t pc;
    uint32_t step_end; /* past the END of the open step */
    size_t step;       /* index of the open step's report, plus one; 0: none is open */
    struct value each; /* the list of the `each` under way */
    size_t each_index;
    int64_t until_us;    /* when the open step's `until` ends */
    uint32_t kept_at;    /* the USE that a kept session served, plus one; 0: none */
    size_t kept_steps;   /* reports there were then */
    size_t kept_owed;    /* and debts */
    bool logged_in_anew; /* once a run */
    bool cap_taken;      /* and the count is not written down yet */

    struct built_request request; /* of the exchange under way */
    struct http_exchange *exchange;
    struct ledger_ticket *noting;   /* the request waits until its debt is written down */
    struct ledger_ticket *settling; /* `finally` waits until the last payment is written down */
    struct http_result result;      /* of the exchange that just ended */
    struct timer wait;
    struct timer deadline;
    int64_t deadline_length_us;
    int64_t left_us;     /* of the deadline, which stands still while a debt is written down */
    bool deadline_holds; /* from the beginning: waiting for an account is part of it */
    char *debt;          /* walk nothing but what this asks for; NULL */
    char debt_id[ID_UUID_SIZE];
    bool keep_seen;
    struct deferred resume;

    struct {
        struct owed *items;
        size_t count, capacity;
    } owed;             /* a VEC: a stack */
    bool finding;       /* the list under way is the `find` of the debt on top */
    char *unheld;       /* why `until` sends once more; NULL: it does not, by now */
    char *side_failure; /* the first of the list under way in `undo`, `find` or `finally`; NULL */
    int64_t started_us;
};

/* What an instruction says. */
enum flow { FLOW_NEXT, FLOW_WAIT, FLOW_STOP };

/* --- run.c */
void run_enter(struct run *run, enum run_phase phase);
void run_walk_list(struct run *run, const struct instruction_list *list);
void run_list_ended(struct run *run); /* the list under way is through, or given up */
void run_payment_written(void *context);
void run_cancel_wait(struct run *run);
/* For a line: secrets go before the text is cut, since no redactor finds half a secret. */
char *run_clip(const struct run *run, struct view text, size_t limit);
struct step_report *run_open_step(const struct run *run); /* NULL: none */
struct http_session *run_session(const struct run *run);
void run_observe(const struct run *run, enum run_event event, const struct step_report *step);
void run_verdict(struct run *run, enum verdict verdict); /* keeps the worst */

/* --- walk.c */
/* A disk that is slower holds no shopper up: it is ours, and the shop is not to be charged for it.
 */
#define LEDGER_PATIENCE_US (2 * US_PER_SECOND)
void walk_resume(struct run *run); /* the one door back in */
/* Ends the open step with a failure (taken), and what follows from it. */
enum flow walk_fail(struct run *run, struct failure failure);
void walk_close_step(struct run *run);
/* Breaks the request under way off; what came of it stands in the report and in run->result, but is
 * not judged. False: there was none. */
bool walk_cut(struct run *run);
/* Reports the steps of the list that were not reached, as skipped. */
void walk_skip_rest(struct run *run, const char *why);

/* --- request.c */
void request_introduce(struct run *run); /* once the persona and the run's id are known */
bool request_build(struct run *run, const struct step *step, struct built_request *ret_request,
                   struct buf *reason) MUST_CHECK;
void request_release(struct built_request *request);
bool request_step_sets(const struct step *step, const char *header);
void request_trace_parent(struct run *run, struct buf *out); /* another each time */

/* --- rules.c */
void rules_set(struct run *run, struct http_request *request);

/* --- checks.c */
/* What the answer shows people, redacted and clipped; NULL: nothing. */
char *checks_seen(const struct run *run, struct message *message);
/* True: the step's answer is good, or merely slow: then *ret_failure is OUTCOME_SLOW, else
 * OUTCOME_PASS. */
bool checks_hold(struct run *run, const struct step *step, struct http_result *result,
                 struct failure *ret_failure) MUST_CHECK;
/* A `when`: no message is asked. `reason` says why a comparison could not be made. */
enum condition { CONDITION_HOLDS, CONDITION_HOLDS_NOT, CONDITION_UNTOLD };
enum condition check_condition(struct run *run, const struct check *check,
                               struct buf *reason) MUST_CHECK;
/* All that a source gives, read as money where `price` says so. False: it could not be looked for,
 * or nothing was found and `required` says that this will not do, or it is no money; ret_failure
 * says why. */
bool check_values(struct run *run, const struct source_spec *source, const struct price_spec *price,
                  bool required, struct message *message, struct value *ret_values,
                  struct failure *ret_failure) MUST_CHECK;

/* --- captures.c */
/* False: ret_failure says which could not be taken. */
bool captures_take(struct run *run, const struct step *step, struct message *message,
                   struct failure *ret_failure) MUST_CHECK;
/* The step failed, but its answer may name what it created: that can be undone. An answer that says
 * itself that it is an error (4xx, 5xx) names nothing. */
void captures_rescue(struct run *run, const struct step *step, const struct http_result *result);

/* --- owed.c */
/* Before its request is sent. The new debt, or NULL when the step adds none. */
struct owed *owed_push(struct run *run, const struct step *step, const struct journey *scope);
void owed_settle_request(struct run *run, const struct step *step,
                         bool sent); /* after: nothing was sent, nothing is owed */
void owed_learn(struct run *run, const struct step *step, const char *name,
                const struct value *value);
/* The next list to walk for what is owed, or NULL when all debts are settled or given up. */
const struct instruction_list *owed_next(struct run *run);
void owed_list_ended(struct run *run);               /* the list that owed_next gave is through */
void owed_give_up(struct run *run, const char *why); /* all that is left becomes residue */
void owed_release(struct run *run);

#endif
