/*
 * One function a route (routes.c); each answers its call, now or later.
 *
 * Room: api, private.
 */
#ifndef LODGE_API_HANDLERS_H
#define LODGE_API_HANDLERS_H

struct api_call;

void api_get_settings(struct api_call *call);
void api_put_settings(struct api_call *call);
void api_get_state(struct api_call *call);
void api_release(struct api_call *call);
void api_put_layout(struct api_call *call);
void api_explain(struct api_call *call);
void api_list_presets(struct api_call *call);
void api_get_preset(struct api_call *call);
void api_put_preset(struct api_call *call);
void api_delete_preset(struct api_call *call);
void api_list_clients(struct api_call *call);
void api_patch_client(struct api_call *call);
void api_unpair_client(struct api_call *call);
void api_get_pairing(struct api_call *call);
void api_arm_pairing(struct api_call *call);
void api_cancel_pairing(struct api_call *call);
void api_decide_pairing(struct api_call *call);
void api_list_sessions(struct api_call *call);
void api_end_session(struct api_call *call);
void api_get_apps(struct api_call *call);
void api_put_apps(struct api_call *call);
void api_get_icon(struct api_call *call);
void api_get_presence(struct api_call *call);
void api_get_control(struct api_call *call);
void api_steer(struct api_call *call);
void api_list_invitations(struct api_call *call);
void api_invite(struct api_call *call);
void api_revoke(struct api_call *call);
void api_get_summary(struct api_call *call);
void api_listen(struct api_call *call);
void api_get_metrics(struct api_call *call);
void api_get_contract(struct api_call *call);
void api_get_login(struct api_call *call);
void api_log_in(struct api_call *call);
void api_log_out(struct api_call *call);
void api_make_code(struct api_call *call);

#endif
