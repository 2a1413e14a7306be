#include "actors/app/verbs/register.hpp"

#include <fmt/format.h>

#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {

void add_client_verbs(CLI::App& app, int& exit_code, const register_options& options) {
  CLI::App* account = app.add_subcommand("account", "Accounts: create, show, list, statement, change");
  account->require_subcommand(1);
  add_account_create(*account, exit_code);
  add_account_show(*account, exit_code);
  add_account_list(*account, exit_code);
  add_account_statement(*account, exit_code);
  add_account_change(*account, exit_code);
  CLI::App* transfer = app.add_subcommand("transfer", "Transfers: create, show, list, seal");
  transfer->require_subcommand(1);
  add_transfer_create(*transfer, exit_code);
  add_transfer_show(*transfer, exit_code);
  add_transfer_list(*transfer, exit_code);
  add_transfer_seal(*transfer, exit_code);
  CLI::App* order = app.add_subcommand("order", "Orders: create, pay and whatever else can happen to them, show");
  order->require_subcommand(1);
  add_order_create(*order, exit_code);
  add_order_actions(*order, exit_code);
  add_order_show(*order, exit_code);
  add_order_postings(*order, exit_code);
  add_order_graph(*order, exit_code);
  CLI::App* payment = app.add_subcommand("payment", "Payments of orders: create (several orders as one), show");
  payment->require_subcommand(1);
  add_payment_create(*payment, exit_code);
  add_payment_show(*payment, exit_code);
  CLI::App* refund = app.add_subcommand("refund", "Refunds of orders and combined payments: create, show, list");
  refund->require_subcommand(1);
  add_refund_create(*refund, exit_code);
  add_refund_show(*refund, exit_code);
  add_refund_list(*refund, exit_code);
  CLI::App* cases = app.add_subcommand("case", "Payments that people must look at: list, resolve");
  cases->require_subcommand(1);
  add_case_list(*cases, exit_code);
  add_case_resolve(*cases, exit_code);
  CLI::App* checks = app.add_subcommand("check", "Checks that payments wait for: list");
  checks->require_subcommand(1);
  add_check_list(*checks, exit_code);
  add_events(app, exit_code);
  add_party(app, exit_code);
  add_rules(app, exit_code);
  add_settlement(app, exit_code);
  add_stats(app, exit_code);
  add_subscription(app, exit_code);
  if (options.verify) add_verify(app, exit_code);
  add_ping(app, exit_code);
  add_decode(app, exit_code);
  add_version(app, exit_code);
  add_import(app, exit_code);
  add_import_orders(app, exit_code);
}

int parse_and_run(CLI::App& app, int argc, const char* const* argv, int& exit_code) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& e) {
    // CLI11 counts the missing verb before it looks at what stands in its place.
    const auto left = app.remaining(true);
    if (left.empty()) return app.exit(e) == 0 ? exit_ok : exit_usage;
    fmt::print(stderr, "unknown verb or option '{}'\nRun with --help for more information.\n", left.front());
    return exit_usage;
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_ok : exit_usage;
  }
  return exit_code;
}

}  // namespace payloom::verbs
