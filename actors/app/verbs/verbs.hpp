#pragma once
// Every client verb: one file each, which adds its subcommand. When it was chosen, parsing runs it and leaves its
// result in `exit_code`.
#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "actors/app/verbs/common.hpp"

namespace payloom::verbs {

void add_account_create(CLI::App& account, int& exit_code);
void add_account_show(CLI::App& account, int& exit_code);
void add_account_list(CLI::App& account, int& exit_code);
void add_account_statement(CLI::App& account, int& exit_code);
void add_account_change(CLI::App& account, int& exit_code);
void add_transfer_create(CLI::App& transfer, int& exit_code);
void add_transfer_show(CLI::App& transfer, int& exit_code);
void add_transfer_list(CLI::App& transfer, int& exit_code);
void add_transfer_seal(CLI::App& transfer, int& exit_code);
void add_order_create(CLI::App& order, int& exit_code);
void add_order_actions(CLI::App& order, int& exit_code);  ///< pay, cancel, capture, void, confirm, ...
void add_order_show(CLI::App& order, int& exit_code);
void add_order_postings(CLI::App& order, int& exit_code);
void add_order_graph(CLI::App& order, int& exit_code);
void add_payment_create(CLI::App& payment, int& exit_code);
void add_payment_show(CLI::App& payment, int& exit_code);
void add_refund_create(CLI::App& refund, int& exit_code);
void add_refund_show(CLI::App& refund, int& exit_code);
void add_refund_list(CLI::App& refund, int& exit_code);
void add_case_list(CLI::App& cases, int& exit_code);
void add_case_resolve(CLI::App& cases, int& exit_code);
void add_check_list(CLI::App& checks, int& exit_code);
void add_events(CLI::App& app, int& exit_code);
void add_party(CLI::App& app, int& exit_code);       ///< open, show
void add_rules(CLI::App& app, int& exit_code);       ///< reload, list, diff, retire
void add_settlement(CLI::App& app, int& exit_code);  ///< run, due, list, show
void add_stats(CLI::App& app, int& exit_code);
void add_subscription(CLI::App& app, int& exit_code);  ///< list, show, forget
void add_verify(CLI::App& app, int& exit_code);
void add_ping(CLI::App& app, int& exit_code);
void add_decode(CLI::App& app, int& exit_code);
void add_version(CLI::App& app, int& exit_code);
void add_import(CLI::App& app, int& exit_code);
void add_import_orders(CLI::App& app, int& exit_code);

/// The live half of `verify`, for a verb that has an offline half too.
int run_verify_live(const common_options& common);
bool verify_passed(const nlohmann::ordered_json& report);

}  // namespace payloom::verbs
