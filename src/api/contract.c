/* GET /openapi.yaml. */
#include "api/answer.h"
#include "api/contract_text.h"
#include "api/handlers.h"
#include "api/internal.h"

void api_get_contract(struct api_call *call)
{
	api_answer_text(call, "application/yaml", api_contract_text, api_contract_size);
}
