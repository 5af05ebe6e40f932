/* SPDX-License-Identifier: Apache-2.0 */
/* What the test tells the proxy: POST adds faults, DELETE drops them, GET shows how often each
 * was met. */
#include "client.h"

#include <stdlib.h>
#include <string.h>

void control_serve(struct client *client)
{
    const struct request *request = &client->request;
    struct fault_list *faults = &client->proxy->faults;
    const char *why = NULL;
    if (!strcmp(request->method, "DELETE")) {
        fault_list_clear(faults);
        client_answer_plainly(client, 204, NULL, "");
    } else if (!strcmp(request->method, "GET")) {
        char *text = fault_list_describe(faults);
        client_answer_plainly(client, 200, "application/json", text);
        free(text);
    } else if (strcmp(request->method, "POST") != 0) {
        client_answer_plainly(client, 405, "text/plain", "POST, GET or DELETE\n");
    } else if (fault_list_add(faults, request->body, request->body_bytes, &why)) {
        client_answer_plainly(client, 201, "application/json", "{}");
    } else {
        client_answer_plainly(client, 400, "text/plain", why);
    }
}
